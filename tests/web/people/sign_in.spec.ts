import {adminPassword, Api, expect, expectAccessible, makeUser, password, Server, signIn, test}
  from '../support/test.ts';
import {slowLine} from '../support/line.ts';
import {totp} from '../support/totp.ts';

test('the first page leads to the sign-in, and back to where one wanted to go', async ({
  page, user
}) => {
  await user.folder('a b/ä');
  await page.goto(`/files/${user.name}/a%20b/%C3%A4?x=1`);
  await expect(page).toHaveURL(/\/login\?next=/);
  await expect(page.getByLabel('Name')).toBeFocused();
  await signIn(page, user.name);
  await expect(page).toHaveURL(new RegExp(`/files/${user.name}/a%20b/%C3%A4\\?x=1$`));
});

test('the sign-in waits for no other texts, and what comes after it does', async ({
  page, user, watch
}) => {
  watch.allow(/ERR_FAILED|Failed to fetch dynamically imported module/);
  let release = (_: unknown): void => undefined;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\/assets\/en-/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/login');
  await expect(page.getByLabel('Name')).toBeFocused();
  await expect(page.getByRole('heading', {name: 'Sign in'})).toBeVisible();
  await signIn(page, user.name);
  await expect(page.getByLabel('Name')).toBeVisible();
  await expect(page.getByText(/^(nav|files|search|uploads)\./)).toHaveCount(0);
  release(undefined);
  await expect(page.getByRole('navigation', {name: 'Main navigation'})).toBeVisible();
  await expect(page.getByText('This folder is empty')).toBeVisible();

  // Where they cannot be had that is said, and another try finds them.
  await page.unroute(/\/assets\/en-/);
  await page.context().clearCookies();
  await page.evaluate(() => localStorage.clear());
  await page.route(/\/assets\/en-/, (route) => route.abort());
  await page.goto('/login');
  await signIn(page, user.name);
  await expect(page.getByRole('button', {name: 'Try again'})).toBeVisible();
  await page.unroute(/\/assets\/en-/);
  await page.getByRole('button', {name: 'Try again'}).click();
  await expect(page.getByText('This folder is empty')).toBeVisible();
});

test('no address of another site is gone to after signing in', async ({
  page, user, watch
}) => {
  watch.allow(/\/auth\/refresh/);
  for (const next of ['//evil.example/', '/\\evil.example', 'https://evil.example', '/login']) {
    await page.context().clearCookies();
    await page.goto('/login');
    await page.evaluate(() => localStorage.clear());
    await page.goto('/login?next=' + encodeURIComponent(next));
    await signIn(page, user.name);
    await expect(page).toHaveURL(/\/files/);
  }
});

test('it works by keyboard alone, and says what is missing or wrong', async ({
  page, user, watch
}) => {
  watch.allow(/status of 401/);
  await page.goto('/login');
  await expect(page.getByLabel('Name')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Enter your name.')).toBeVisible();
  await page.keyboard.type(user.name);
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Password', {exact: true})).toBeFocused();
  await expect(page.getByText('Enter your password.')).toBeVisible();
  await page.keyboard.type('not the password');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Name or password is not right.')).toBeVisible();
  await expect(page.getByLabel('Password', {exact: true})).toBeFocused();
  for (const field of [page.getByLabel('Name'), page.getByLabel('Password', {exact: true})]) {
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field).toHaveAccessibleDescription('Name or password is not right.');
  }
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/files/);
});

test('a reload keeps one signed in, a sign-out ends it in all tabs', async ({home, user}) => {
  await home.reload();
  await expect(home.getByRole('button', {name: user.name})).toBeVisible();
  const other = await home.context().newPage();
  await other.goto('/files');
  await expect(other.getByRole('button', {name: user.name})).toBeVisible();
  await home.getByRole('button', {name: user.name}).click();
  await home.getByRole('menuitem', {name: 'Sign out'}).click();
  await expect(home).toHaveURL(/\/login/);
  await expect(other).toHaveURL(/\/login/);
  await other.reload();
  await expect(other.getByLabel('Name')).toBeVisible();
});

test('a session that was ended elsewhere says so', async ({home, user, watch}) => {
  watch.allow(/status of 401/);
  await user.post('/auth/logout-all');
  await home.reload();
  await expect(home.getByText('Your session has ended.')).toBeVisible();
});

test('a second factor asks for its code, and takes a recovery code too', async ({
  page, user, watch
}) => {
  watch.allow(/status of 401/);
  const {secret} = await user.post('/auth/totp', {current_password: password});
  const {recovery_codes} = await user.post('/auth/totp/confirm', {code: totp(secret)});
  await page.goto('/login');
  await signIn(page, user.name);
  await expect(page.getByRole('heading', {name: 'Second step'})).toBeVisible();
  await expect(page.getByLabel('Code')).toBeFocused();
  await expectAccessible(page);
  await page.getByLabel('Code').fill('not-a-code');
  await page.getByRole('button', {name: 'Go on'}).click();
  await expect(page.getByText('This code is not right')).toBeVisible();
  await expect(page.getByLabel('Code')).toHaveAccessibleDescription(
    /recovery codes\. This code is not right/);
  await page.getByLabel('Code').fill(recovery_codes[0]);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/files/);
});

test('throttling is shown with the time left', async ({browser}) => {
  const server = new Server('auth.max_attempts = 2');
  await server.start();
  const page = await browser.newPage({baseURL: server.url});
  await page.goto('/login');
  for (let i = 0; i < 3; ++i) {
    await signIn(page, 'admin', 'not the password');
    await expect(page.getByText(/is not right|You can try again in \d+ (sec|min)/)).toBeVisible();
  }
  await expect(page.getByText(/You can try again in \d+ (sec|min)/)).toBeVisible();
  await expect(page.getByRole('button', {name: 'Sign in'})).toBeDisabled();
  await expect(page.getByText('Too many tries. You can try again now.')).toBeVisible();
  await page.close();
  await server.remove();
});

test('one tab refreshes for all, before the token ends', async ({browser}) => {
  const server = new Server('auth.access_ttl = "10s"');
  await server.start();
  const admin = await new Api(server, 'admin', adminPassword).login();
  const user = await makeUser(admin, server);
  const context = await browser.newContext({baseURL: server.url});
  const refreshes: string[] = [];
  context.on('response', (response) => {
    if (response.url().endsWith('/auth/refresh')) refreshes.push(String(response.status()));
  });
  const first = await context.newPage();
  await first.goto('/login');
  await signIn(first, user.name);
  await expect(first).toHaveURL(/\/files/);
  const second = await context.newPage();
  await second.goto('/files');
  await expect(second.getByRole('button', {name: user.name})).toBeVisible();
  expect(refreshes.length).toBe(1);
  await expect.poll(() => refreshes.length, {timeout: 15_000}).toBe(2);
  expect(refreshes.every((status) => status === '200')).toBe(true);
  await context.close();
  await server.remove();
});

test('a page that goes while it refreshes its session does not lose it', async ({
  browser, server, user
}) => {
  // The server has spent the token, but its answer is still under way when the page is loaded anew.
  const line = await slowLine(server.url, '/api/v1/auth/refresh');
  const context = await browser.newContext({baseURL: line.url});
  const page = await context.newPage();
  await page.goto('/login');
  await signIn(page, user.name);
  await expect(page).toHaveURL(/\/files/);
  line.hold();
  await page.reload();
  await line.held;
  await page.reload();
  await line.refused; // the token was used twice
  line.release();
  await expect(page.getByRole('button', {name: user.name})).toBeVisible();
  await expect(page).toHaveURL(/\/files/);
  await context.close();
  await line.end();
});

test('a page that could not be opened while the server was away comes by itself', async ({
  browser, watch
}) => {
  const server = new Server();
  await server.start();
  const context = await browser.newContext({baseURL: server.url});
  const page = await context.newPage();
  await page.goto('/');
  await signIn(page, 'admin', adminPassword);
  await expect(page.getByText('This folder is empty')).toBeVisible();
  const link = (name: string) =>
    page.getByRole('navigation', {name: 'Main navigation'}).getByRole('link', {name});
  const lost = page.getByRole('heading', {name: 'The server cannot be reached.'});
  watch.allow(/ERR_/);
  await server.end('SIGKILL');
  await link('Activity').click(); // its files were not loaded before
  await expect(lost).toBeVisible();
  await expectAccessible(page);
  await server.start();
  await expect(page.getByRole('heading', {level: 1, name: 'Activity'})).toBeVisible();

  // What does not open with the server there is not loaded over and over.
  let loads = 0;
  page.on('load', () => (loads += 1));
  await page.route(/\/assets\/System-/, (route) => route.abort('connectionrefused'));
  await link('System').click();
  await expect.poll(() => loads).toBe(1);
  await expect(lost).toBeVisible();
  await page.waitForTimeout(7000);
  expect(loads).toBe(1);
  await context.close();
  await server.remove();
});

test('the page speaks German where the browser does, and changes by a switch', async ({
  browser, server
}) => {
  const context = await browser.newContext({baseURL: server.url, locale: 'de-AT'});
  const page = await context.newPage();
  await page.goto('/login');
  await expect(page.getByRole('heading', {name: 'Anmelden'})).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await page.getByRole('button', {name: 'English'}).click();
  await expect(page.getByRole('heading', {name: 'Sign in'})).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', {name: 'Sign in'})).toBeVisible();
  await context.close();
});

test('axe finds nothing on the sign-in', async ({page, watch}) => {
  watch.allow(/status of 401/);
  await page.goto('/login');
  await expectAccessible(page);
  await page.getByRole('button', {name: 'Sign in'}).click();
  await expectAccessible(page);
  await signIn(page, 'nobody', 'nothing at all');
  await expect(page.getByText('Name or password is not right.')).toBeVisible();
  await expectAccessible(page);
});

test('a page that is not there says so', async ({home}) => {
  await home.goto('/nothing');
  await expect(home.getByRole('heading', {name: 'There is no such page'})).toBeVisible();
  await expectAccessible(home);
});
