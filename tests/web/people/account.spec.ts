import {readFileSync} from 'node:fs';
import type {Page} from '@playwright/test';
import {adminPassword, Api, expect, expectAccessible, makeUser, password, Server, signIn, test}
  from '../support/test.ts';
import {totp} from '../support/totp.ts';

// axe looks at each state four times.
test.describe.configure({timeout: 150_000});

const section = (page: Page, name: string) => page.getByRole('region', {name, exact: true});

test.beforeEach(async ({home}) => {
  await home.getByRole('button', {name: /^Account of|^user/}).click();
  await home.getByRole('menuitem', {name: 'Account and security'}).click();
  await expect(home.getByRole('heading', {name: 'Account', level: 1})).toBeVisible();
});

/** Sets up a second factor in the dialog that is open. */
async function confirmFactor(page: Page, current: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Current password').fill(current);
  await page.keyboard.press('Enter');
  const secret = await dialog.getByRole('status', {name: 'Secret'}).innerText();
  await dialog.getByLabel('Code', {exact: true}).fill(totp(secret));
  await page.keyboard.press('Enter');
}

test('the password is changed by keyboard, and what is wrong is said once', async ({
  home, user, watch
}) => {
  watch.allow(/status of 4/);
  const {secret} = await user.post('/auth/keys', {name: 'backup', scopes: ['files:read']});
  await home.getByLabel('Current password').focus();
  await home.keyboard.press('Enter');
  await expect(home.getByText('Enter your current password.')).toBeVisible();
  await home.keyboard.type('not the password');
  await home.getByLabel('New password').focus();
  await home.keyboard.type('short');
  await home.keyboard.press('Enter');
  await expect(home.getByText('Use at least 8 characters.')).toBeVisible();
  await expect(home.getByLabel('New password')).toBeFocused();
  await home.keyboard.press('Control+a');
  await home.keyboard.type('another fine phrase');
  await home.keyboard.press('Enter');
  await expect(home.getByText('That is not your current password.')).toBeVisible();
  await expect(home.getByLabel('Current password')).toBeFocused();
  await expectAccessible(home);
  await home.keyboard.type(password);
  await home.getByLabel('Keep my keys').focus();
  await home.keyboard.press('Space');
  await home.keyboard.press('Enter');
  await expect(home.getByText('The password is changed.')).toBeVisible();
  await expect(home.getByLabel('New password')).toHaveValue('');
  await expect(section(home, 'Sessions').getByRole('listitem')).toHaveCount(1);

  // The other session is over, this one and the key go on.
  expect((await user.send('GET', '/auth/me')).status).toBe(401);
  const headers = {Authorization: `Bearer ${secret}`};
  expect((await user.send('GET', '/auth/me', {headers})).status).toBe(401);
  const {url} = await home.request.get('/login').then((r) => ({url: new URL(r.url()).origin}));
  expect((await fetch(`${url}/api/v1/auth/me`, {headers})).status).toBe(200);
  await home.reload();
  await expect(home.getByRole('heading', {name: 'Account', level: 1})).toBeVisible();
});

test('a wrong password counts once, not once more for a fresh token', async ({
  home, admin, user, watch
}) => {
  watch.allow(/status of 401/);
  await home.getByLabel('Current password').fill('not the password');
  await home.getByLabel('New password').fill('another fine phrase');
  await home.getByRole('button', {name: 'Change password'}).click();
  await expect(home.getByText('That is not your current password.')).toBeVisible();
  const query = `action=password_change_failed&user=${user.name}`;
  expect((await admin.get(`/audit/events?${query}`)).items).toHaveLength(1);
});

test('sessions: this one is marked, others end one by one or all', async ({home, user}) => {
  const sessions = section(home, 'Sessions');
  const rows = sessions.getByRole('listitem');
  await user.login();
  await home.reload();
  await expect(rows).toHaveCount(3);
  await expect(rows.first()).toContainText('Chrome on Linux');
  await expect(rows.first()).toContainText('This one');
  await expect(rows.first().getByRole('button')).toHaveCount(0);

  await rows.nth(1).getByRole('button').click();
  await expect(home.getByRole('dialog')).toContainText('Whoever uses it has to sign in again.');
  await expectAccessible(home);
  await home.getByRole('dialog').getByRole('button', {name: 'End', exact: true}).click();
  await expect(rows).toHaveCount(2);

  await sessions.getByRole('button', {name: 'End all others'}).focus();
  await home.keyboard.press('Enter');
  await expect(home.getByRole('dialog')).toContainText('One session ends; this one goes on.');
  await home.keyboard.press('Escape');
  await expect(rows).toHaveCount(2);
  await expect(sessions.getByRole('button', {name: 'End all others'})).toBeFocused();
  await home.keyboard.press('Enter');
  await home.getByRole('dialog').getByRole('button', {name: 'End all others'}).focus();
  await home.keyboard.press('Enter');
  await expect(rows).toHaveCount(1);
  expect((await user.send('GET', '/auth/me')).status).toBe(401);

  await user.login();
  await sessions.getByRole('button', {name: 'Sign out everywhere'}).click();
  await home.getByRole('dialog').getByRole('button', {name: 'Sign out everywhere'}).click();
  await expect(home).toHaveURL(/\/login/);
  expect((await user.send('GET', '/auth/me')).status).toBe(401);
});

test('a second factor is set up, its codes are kept, renewed, and it is switched off', async ({
  home, user, watch
}) => {
  watch.allow(/status of 401/);
  await home.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const factor = section(home, 'Second factor');
  await expect(factor.getByText('Off', {exact: true})).toBeVisible();
  await factor.getByRole('button', {name: 'Set up second factor'}).focus();
  await home.keyboard.press('Enter');
  const dialog = home.getByRole('dialog');
  await expect(dialog.getByLabel('Current password')).toBeFocused();
  await home.keyboard.type('wrong');
  await home.keyboard.press('Enter');
  await expect(dialog.getByText('That is not your current password.')).toBeVisible();
  await expect(dialog.getByLabel('Current password')).toBeFocused();
  await home.keyboard.type(password);
  await home.keyboard.press('Enter');
  await expect(dialog.getByRole('img', {name: 'QR code for the authenticator'})).toBeVisible();
  await expect(dialog.getByLabel('Code', {exact: true})).toBeFocused();
  await expectAccessible(home);
  const secret = await dialog.getByRole('status', {name: 'Secret'}).innerText();
  expect(secret).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  await home.setViewportSize({width: 360, height: 640});
  await home.keyboard.type('000000');
  await home.keyboard.press('Enter');
  await expect(dialog.getByText('This code is not right')).toBeInViewport({ratio: 1});
  await home.setViewportSize({width: 1280, height: 800});
  await home.keyboard.type(totp(secret));
  await home.keyboard.press('Enter');

  const codes = dialog.getByRole('list', {name: 'Recovery codes'}).getByRole('listitem');
  await expect(codes).toHaveCount(10);
  await expect(dialog.getByRole('button', {name: 'Copy'})).toBeFocused();
  await expectAccessible(home);
  const all = await codes.allInnerTexts();
  await dialog.getByRole('button', {name: 'Copy'}).click();
  await expect(dialog.getByRole('button', {name: 'Copied'})).toBeVisible();
  expect(await home.evaluate(() => navigator.clipboard.readText())).toBe(all.join('\n'));
  const [download] = await Promise.all([
    home.waitForEvent('download'), dialog.getByRole('button', {name: 'Download'}).click()
  ]);
  expect(download.suggestedFilename()).toBe(`baluhost-${user.name}-recovery-codes.txt`);
  const text = readFileSync((await download.path())!, 'utf8');
  for (const code of all) expect(text).toContain(code);
  await expect(dialog.getByRole('button', {name: 'Done'})).toBeDisabled();
  // Until they are said to be kept nothing closes it.
  const first = dialog.getByText('Copy, download or print them, and say below that you did.');
  await expect(first).toBeHidden();
  await home.setViewportSize({width: 360, height: 740});
  await dialog.locator('.content').evaluate((content) => (content.scrollTop = 0));
  await dialog.getByRole('button', {name: 'Close'}).click();
  await expect(first).toBeVisible();
  await expect(dialog.getByLabel('I have kept them')).toBeFocused();
  for (const seen of [first, dialog.getByText('I have kept them'), dialog.locator('.check')])
    await expect(seen).toBeInViewport({ratio: 1});
  const ring = await dialog.locator('.check').evaluate((check) =>
    check.closest('.content')!.getBoundingClientRect().bottom - check.getBoundingClientRect().bottom
  );
  expect(ring).toBeGreaterThanOrEqual(4);
  await home.setViewportSize({width: 1280, height: 800});
  for (let i = 0; i < 3; ++i) await home.keyboard.press('Escape');
  await home.goBack({timeout: 500}).catch(() => undefined);
  await expect(codes).toHaveCount(10);
  await expectAccessible(home);
  await dialog.getByLabel('I have kept them').check();
  await dialog.getByRole('button', {name: 'Done'}).click();
  await expect(factor.getByText('On', {exact: true})).toBeVisible();
  await home.reload();
  await expect(factor.getByText('On', {exact: true})).toBeVisible();

  await factor.getByRole('button', {name: 'New recovery codes'}).click();
  await dialog.getByLabel('Code').fill(all[0]!);
  await home.keyboard.press('Enter');
  await expect(codes).toHaveCount(10);
  const fresh = await codes.allInnerTexts();
  expect(fresh).not.toContain(all[1]);
  await dialog.getByLabel('I have kept them').check();
  await dialog.getByRole('button', {name: 'Done'}).click();

  await factor.getByRole('button', {name: 'Switch off'}).click();
  await dialog.getByLabel('Current password').fill(password);
  await dialog.getByLabel('Code').fill(all[1]!);
  await home.keyboard.press('Enter');
  await expect(dialog.getByText('Password or code is not right.')).toBeVisible();
  await expectAccessible(home);
  await dialog.getByLabel('Code').fill(fresh[0]!);
  await dialog.getByRole('button', {name: 'Switch off'}).click();
  await expect(factor.getByText('Off', {exact: true})).toBeVisible();
});

test('the recovery codes alone are printed', async ({home, user}) => {
  await section(home, 'Second factor').getByRole('button', {name: 'Set up second factor'}).click();
  const dialog = home.getByRole('dialog');
  await confirmFactor(home, password);
  await expect(dialog.getByRole('button', {name: 'Print'})).toBeVisible();
  await home.emulateMedia({media: 'print'});
  await expect(home.getByText(`Recovery codes of ${user.name} at`)).toBeVisible();
  await expect(home.getByRole('list', {name: 'Recovery codes'})).toBeVisible();
  await expect(home.getByText('Print', {exact: true})).toBeHidden();
  await expect(home.getByRole('heading', {name: 'Account'})).toBeHidden();
});

test('a key is made, shown once with where to enter it, works, and ends', async ({
  home, server, user, watch
}) => {
  watch.allow(/status of 40[04]/);
  await user.folder('backup');
  const keys = section(home, 'Keys');
  await expect(keys.getByText('There are no keys.')).toBeVisible();
  await keys.getByRole('button', {name: 'New key'}).click();
  const dialog = home.getByRole('dialog');
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await home.keyboard.press('Enter');
  await expect(dialog.getByText('Give it a name.')).toBeVisible();
  await home.keyboard.type('Laptop <b>backup</b>');
  await expect(dialog.getByLabel('Administer')).toHaveCount(0);
  await dialog.getByLabel('Read files').uncheck();
  await home.keyboard.press('Enter');
  await expect(dialog.getByText('Choose at least one.')).toBeVisible();
  await expect(dialog.getByLabel('Read files')).toBeFocused();
  await home.keyboard.press('Space');
  await dialog.getByLabel('Write files').check();
  await dialog.getByLabel('Where?').fill(`/${user.name}/nothing`);
  await home.keyboard.press('Enter');
  await expect(dialog.getByText('There is nothing at this path.')).toBeVisible();
  await dialog.getByLabel('Where?').fill(`/${user.name}/backup`);
  await dialog.getByLabel('From which addresses?').fill('nonsense');
  await dialog.getByRole('button', {name: 'New key'}).click();
  await expect(dialog.getByLabel('From which addresses?')).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(home);
  await dialog.getByLabel('From which addresses?').fill('127.0.0.0/8, ::1');
  await dialog.getByLabel('How long?').selectOption('To a date');
  await dialog.getByRole('button', {name: 'New key'}).click();
  await expect(dialog.getByText('Choose a day to come.')).toBeVisible();
  await dialog.getByLabel('Last day').fill('2090-12-31');
  await dialog.getByRole('button', {name: 'New key'}).click();

  const secret = await dialog.getByRole('status', {name: 'Key', exact: true}).innerText();
  expect(secret).toMatch(/^baluhost_[a-z2-7]{32}$/);
  await expect(dialog.getByRole('status', {name: 'Header'}))
    .toHaveText(`Authorization: Bearer ${secret}`);
  await expectAccessible(home);
  await dialog.getByRole('button', {name: 'I have copied it'}).click();
  await expect(home.getByText(secret)).toHaveCount(0);

  const use = (path: string) => fetch(`${server.url}/api/v1${path}`, {
    headers: {Authorization: `Bearer ${secret}`}
  });
  expect((await use(`/dirs/${user.name}/backup`)).status).toBe(200);
  expect((await use(`/dirs/${user.name}`)).status).not.toBe(200);
  await home.reload();
  const row = keys.getByRole('listitem');
  await expect(row).toContainText('Laptop <b>backup</b>');
  await expect(row).toContainText('Read files, Write files');
  await expect(row).toContainText(`Only /${user.name}/backup and what is in it`);
  await expect(row).toContainText('from 127.0.0.1');
  await expect(row).toContainText(/ends .*2090/);

  await row.getByRole('button').focus();
  await home.keyboard.press('Enter');
  await expect(dialog).toContainText('The program that uses it stops working at once.');
  await dialog.getByRole('button', {name: 'End', exact: true}).focus();
  await home.keyboard.press('Enter');
  await expect(keys.getByText('There are no keys.')).toBeVisible();
  expect((await use(`/dirs/${user.name}/backup`)).status).toBe(401);
});

test('language and colours are chosen by keyboard and kept', async ({home}) => {
  await home.getByLabel('English').focus();
  await home.keyboard.press('ArrowDown');
  await expect(home.getByRole('heading', {name: 'Konto', level: 1})).toBeVisible();
  await expectAccessible(home);
  await home.getByLabel('Dunkel').check();
  await expect(home.locator('html')).toHaveAttribute('data-theme', 'dark');
  await home.reload();
  await expect(home.getByRole('heading', {name: 'Darstellung'})).toBeVisible();
  await expect(home.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('axe finds nothing, on a page that loads, fails and is offline', async ({home, watch}) => {
  watch.allow(/status of 503|ERR_INTERNET|ERR_FAILED/);
  await expectAccessible(home);
  let answer: (() => void) | undefined;
  await home.route('**/auth/keys?*', async (route) => {
    await new Promise<void>((resolve) => (answer = resolve));
    await route.fulfill({
      status: 503, contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'about:blank', title: 'Unavailable', status: 503, detail: 'busy',
        code: 'unavailable', request_id: 'request-17'
      })
    });
  });
  await home.reload();
  const keys = section(home, 'Keys');
  await expect(keys.getByRole('status')).toHaveText('Loading');
  await expectAccessible(home);
  await expect.poll(() => answer !== undefined).toBe(true);
  answer!();
  await expect(keys.getByText('Request request-17')).toBeVisible();
  await expectAccessible(home);
  await home.unroute('**/auth/keys?*');
  await keys.getByRole('button', {name: 'Try again'}).click();
  await expect(keys.getByText('There are no keys.')).toBeVisible();
});

test('without the line it says so, and goes on by itself', async ({home, watch}) => {
  watch.allow(/ERR_INTERNET|ERR_FAILED/);
  await home.getByRole('link', {name: 'Activity'}).click();
  await expect(home.getByRole('heading', {name: 'Activity'})).toBeVisible();
  await home.context().setOffline(true);
  await home.goBack();
  const keys = section(home, 'Keys');
  await expect(keys.getByText('The server cannot be reached.')).toBeVisible();
  await expectAccessible(home);
  await home.context().setOffline(false);
  await expect(keys.getByText('There are no keys.')).toBeVisible();
});

test('who has to have a second factor is led to it, and in', async ({browser}) => {
  const server = new Server('auth.require_second_factor = "all"');
  await server.start();
  const context = await browser.newContext({baseURL: server.url, locale: 'en-GB'});
  const page = await context.newPage();
  await page.goto('/login');
  await signIn(page, 'admin', adminPassword);
  await expect(page.getByText('First set up a second factor.')).toBeVisible();
  await page.getByRole('main').getByRole('link', {name: 'Account and security'}).click();
  await expect(page.getByText('This server asks you for a second factor.')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', {name: 'Set up second factor'}).click();
  const dialog = page.getByRole('dialog');
  await confirmFactor(page, adminPassword);
  await dialog.getByLabel('I have kept them').check();
  await dialog.getByRole('button', {name: 'Done'}).click();
  await expect(section(page, 'Sessions').getByRole('listitem')).toHaveCount(1);
  await page.getByRole('link', {name: 'Files'}).click();
  await expect(page).toHaveURL(/\/files/);
  await context.close();
  await server.remove();
});

test('an administrator may let a key administer', async ({home, admin, server}) => {
  const other = await makeUser(admin, server, {role: 'admin'});
  expect(other).toBeInstanceOf(Api);
  await home.context().clearCookies();
  await home.evaluate(() => localStorage.clear());
  await home.goto('/login');
  await signIn(home, other.name);
  await expect(home.getByRole('link', {name: 'People'})).toBeVisible();
  await home.goto('/account#keys');
  await home.getByRole('button', {name: 'New key'}).click();
  await expect(home.getByRole('dialog').getByLabel('Administer')).toBeVisible();
});
