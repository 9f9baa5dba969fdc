import type {Page} from '@playwright/test';
import {adminPassword, Api, expect, expectAccessible, makeUser, password, Server, signIn,
  test as base} from '../support/test.ts';
import {totp} from '../support/totp.ts';

// axe looks at each state four times.
base.describe.configure({timeout: 150_000});

const section = (page: Page, name: string) => page.getByRole('region', {name, exact: true});

/** `home`, signed in as an administrator of its own. */
const test = base.extend<{boss: Api; desk: Page}>({
  boss: async ({admin, server}, use) => use(await makeUser(admin, server, {role: 'admin'})),
  desk: async ({page, boss}, use) => {
    await page.goto('/login?next=/users');
    await signIn(page, boss.name);
    await expect(page.getByRole('heading', {name: 'People'})).toBeVisible();
    await use(page);
  }
});

test('who is no administrator is told so, and not led there', async ({home, user}) => {
  await expect(home.getByRole('link', {name: 'People'})).toHaveCount(0);
  for (const path of ['/users', `/users/${user.name}`]) {
    await home.goto(path);
    await expect(home.getByText('You do not have the right to do this.')).toBeVisible();
    await expect(home.getByText('This page is for administrators.')).toBeVisible();
  }
  await expectAccessible(home);
});

test('people are searched, sorted and opened by keyboard', async ({desk, admin, server}) => {
  const big = await makeUser(admin, server, {email: 'Findme@Example.org', quota_bytes: 20_000});
  await big.put('a.bin', 'x'.repeat(10_000));
  await desk.reload();
  const grid = desk.getByRole('grid', {name: 'People'});
  await expect(grid.getByRole('row').nth(1)).toBeVisible();
  await expectAccessible(desk);
  await desk.getByLabel('Search by name or e-mail').focus();
  await desk.keyboard.type('findme example');
  await expect(desk).toHaveURL(/q=findme\+example/);
  await expect(grid.getByRole('row')).toHaveCount(2);
  await expect(grid.getByRole('row').nth(1)).toContainText('9.77 KiB of 19.5 KiB');
  await desk.getByLabel('Search by name or e-mail').fill('nobody is called so');
  await expect(desk.getByText('Nobody is found for “nobody is called so”')).toBeVisible();
  await expectAccessible(desk);
  await desk.getByRole('button', {name: 'Show all'}).click();
  await expect(grid.getByRole('row').nth(1)).toBeFocused();
  await desk.getByRole('button', {name: 'Used'}).focus();
  await desk.keyboard.press('Enter');
  await desk.keyboard.press('Enter');
  await expect(desk).toHaveURL(/sort=-used_bytes/);
  await expect(grid.getByRole('row').nth(1)).toContainText(big.name);
  await desk.keyboard.press('Tab');
  await desk.keyboard.press('Tab'); // to the one that had the focus, wherever it stands now
  await expect(grid.locator('[data-index]:focus')).toBeVisible();
  await desk.keyboard.press('Home');
  await expect(grid.getByRole('row').nth(1)).toBeFocused();
  await desk.keyboard.press('Enter');
  await expect(desk).toHaveURL(`${server.url}/users/${big.name}`);
  await expect(desk.getByRole('heading', {name: big.name, level: 1})).toBeVisible();
  await desk.getByRole('link', {name: 'Events'}).click();
  const chip = desk.getByRole('button', {name: `Take off filter Who: ${big.name}`});
  await expect(chip).toBeVisible();
  await expect(desk.getByRole('grid').getByRole('row').filter({hasText: 'a.bin'})).toHaveCount(1);
});

test('an account is made with what was suggested, and opens', async ({desk, server, watch}) => {
  watch.allow(/status of 40/);
  const name = `new${process.pid}`;
  await desk.getByRole('button', {name: 'New person'}).focus();
  await desk.keyboard.press('Enter');
  const dialog = desk.getByRole('dialog');
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await desk.keyboard.type('ad min');
  await desk.keyboard.press('Enter');
  await expect(dialog.getByText('Use letters a to z')).toBeVisible();
  await expect(dialog.getByText('Use at least 8 characters.')).toBeVisible();
  await expectAccessible(desk);
  await dialog.getByLabel('Name').fill('admin');
  await dialog.getByRole('button', {name: 'Suggest one'}).click();
  const secret = await dialog.getByRole('status', {name: 'Suggested password'}).innerText();
  await dialog.getByRole('button', {name: 'Make account'}).click();
  await expect(dialog.getByText('This name or e-mail is taken.')).toBeVisible();
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('E-mail').fill('nonsense');
  await dialog.getByRole('button', {name: 'Make account'}).click();
  await expect(dialog.getByLabel('E-mail')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('E-mail').fill(`${name}@example.org`);
  await dialog.getByLabel('Role').selectOption('auditor');
  await dialog.getByLabel('Limit the space').check();
  await dialog.getByLabel('Quota', {exact: true}).fill('1,5');
  await dialog.getByRole('button', {name: 'Make account'}).click();
  await expect(desk).toHaveURL(`${server.url}/users/${name}`);
  const made = await new Api(server, name, secret).login();
  expect(await made.get('/auth/me')).toMatchObject({
    role: 'auditor', quota_bytes: 1.5 * 1024 ** 3, email: `${name}@example.org`
  });
});

test('role, quota and e-mail are changed', async ({desk, user, watch}) => {
  watch.allow(/status of 40/);
  await user.put('a.bin', 'x'.repeat(3 * 1024 * 1024));
  await desk.goto(`/users/${user.name}`);
  const access = section(desk, 'Role and access');
  await access.getByLabel('Role').selectOption('auditor');
  await expect(access.getByText('As a user, and reads the whole record.')).toBeVisible();
  await access.getByRole('button', {name: 'Change role'}).focus();
  await desk.keyboard.press('Enter');
  await expect(desk.getByText(`${user.name} is auditor now.`)).toBeVisible();
  expect((await user.get('/auth/me')).role).toBe('auditor');

  const space = section(desk, 'Space and e-mail');
  await space.getByLabel('Limit the space').focus();
  await desk.keyboard.press('Space');
  await space.getByLabel('Quota', {exact: true}).fill('x');
  await desk.keyboard.press('Enter');
  await expect(space.getByText('Enter a number')).toBeVisible();
  await space.getByLabel('Quota', {exact: true}).fill('2');
  await space.getByLabel('Unit of Quota').selectOption('MiB');
  await expect(space.getByText('Less than is used')).toBeVisible();
  await expectAccessible(desk);
  await space.getByRole('button', {name: 'Save'}).click();
  await expect(desk.getByText('3 MiB of 2 MiB')).toBeVisible();
  await space.getByLabel('Limit the space').uncheck();
  await space.getByLabel('E-mail').fill(`${user.name}@example.org`);
  await space.getByRole('button', {name: 'Save'}).click();
  await expect.poll(async () => (await user.get('/auth/me')).quota_bytes).toBe(null);
  expect((await user.get('/auth/me')).email).toBe(`${user.name}@example.org`);
});

test('an account is disabled and enabled', async ({desk, user}) => {
  await desk.goto(`/users/${user.name}`);
  const access = section(desk, 'Role and access');
  await access.getByRole('button', {name: 'Disable'}).focus();
  await desk.keyboard.press('Enter');
  const dialog = desk.getByRole('dialog');
  await expect(dialog).toContainText('All sessions and keys end at once');
  await expectAccessible(desk);
  await dialog.getByRole('button', {name: 'Disable'}).focus();
  await desk.keyboard.press('Enter');
  await expect(access.getByText('This person cannot sign in.')).toBeVisible();
  expect((await user.send('GET', '/auth/me')).status).toBe(401);
  await access.getByRole('button', {name: 'Enable'}).click();
  await dialog.getByRole('button', {name: 'Enable'}).click();
  await expect(access.getByText('This person can sign in.')).toBeVisible();
  await user.login();
});

test('password, second factor, sessions and keys of others', async ({
  desk, server, user, watch
}) => {
  watch.allow(/status of 40/);
  const {secret} = await user.post('/auth/totp', {current_password: password});
  await user.post('/auth/totp/confirm', {code: totp(secret)});
  await user.post('/auth/keys', {name: 'backup', scopes: ['files:read']});
  await desk.goto(`/users/${user.name}`);
  const security = section(desk, 'Sign-in');
  const dialog = desk.getByRole('dialog');
  await expect(security.getByText('On. Reset it where')).toBeVisible();
  await security.getByRole('button', {name: 'End all sessions'}).click();
  await dialog.getByRole('button', {name: 'End all sessions'}).click();
  await expect(desk.getByText(`All sessions of ${user.name} have ended.`)).toBeVisible();
  expect((await user.send('GET', '/auth/me')).status).toBe(401);

  await security.getByRole('button', {name: 'Reset'}).focus();
  await desk.keyboard.press('Enter');
  await expectAccessible(desk);
  await dialog.getByRole('button', {name: 'Reset'}).focus();
  await desk.keyboard.press('Enter');
  await expect(security.getByText('Off. Only the person can switch it on.')).toBeVisible();
  await desk.reload();
  await expect(security.getByText('Off. Only the person can switch it on.')).toBeVisible();

  const keys = section(desk, 'Keys');
  await keys.getByRole('button', {name: 'End key: backup'}).click();
  await dialog.getByRole('button', {name: 'End', exact: true}).click();
  await expect(keys.getByText('There are no keys.')).toBeVisible();

  await security.getByRole('button', {name: 'Set password'}).click();
  await expect(dialog.getByLabel('New password')).toBeFocused();
  await desk.keyboard.type('password');
  await desk.keyboard.press('Enter');
  await expect(dialog.getByLabel('New password')).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(desk);
  await dialog.getByLabel('New password').fill('quite another phrase');
  await desk.keyboard.press('Enter');
  await expect(desk.getByText(`${user.name} has another password.`)).toBeVisible();
  await new Api(server, user.name, 'quite another phrase').login();
});

test('grants and links of a person are shown, and end', async ({desk, admin, server, user}) => {
  const bert = await makeUser(admin, server);
  await bert.folder('Plans');
  await user.folder('Photos');
  await bert.json('PUT', '/grants', {
    path: `/${bert.name}/Plans`, grantee: user.name, rights: ['read']
  });
  await user.json('PUT', '/grants', {
    path: `/${user.name}/Photos`, grantee: bert.name, rights: ['read']
  });
  await user.post('/shares', {path: `/${user.name}/Photos`, rights: ['read']});
  await bert.post('/shares', {path: `/${bert.name}/Plans`, rights: ['read']});
  await desk.goto(`/users/${user.name}`);
  const grants = section(desk, 'Rights');
  const dialog = desk.getByRole('dialog');
  await expect(grants.getByRole('listitem')).toHaveCount(2);
  await expectAccessible(desk);
  for (const path of [`/${bert.name}/Plans`, `/${user.name}/Photos`]) {
    await grants.getByRole('button', {name: `End: ${path}`}).click();
    await dialog.getByRole('button', {name: 'End', exact: true}).click();
    await expect(dialog).toHaveCount(0);
  }
  await expect(grants.getByText('Nothing.')).toBeVisible();
  await expect(grants.getByText('Nobody.')).toBeVisible();
  const links = section(desk, 'Links');
  await expect(links.getByRole('listitem')).toHaveCount(1);
  await links.getByRole('button', {name: 'End link: Photos'}).click();
  await dialog.getByRole('button', {name: 'End', exact: true}).click();
  await expect(links.getByText('There are no links.')).toBeVisible();
});

test('an account with files is deleted with them, once its name is typed', async ({
  desk, admin, user, watch
}) => {
  watch.allow(/status of 40/);
  await user.folder('empty');
  await desk.goto(`/users/${user.name}`);
  await desk.getByRole('button', {name: `Delete ${user.name}`}).click();
  const dialog = desk.getByRole('dialog');
  const go = dialog.getByRole('button', {name: 'Delete account'});
  await expect(go).toBeDisabled();
  await dialog.getByLabel(`Type ${user.name} to go on`).fill(user.name);
  await go.click();
  // The folder is empty, but it is there: the server says so.
  await expect(dialog.getByLabel(/Delete the files too/)).toBeVisible();
  await expect(go).toBeDisabled();
  await expectAccessible(desk);
  await dialog.getByLabel(/Delete the files too/).focus();
  await desk.keyboard.press('Space');
  await go.focus();
  await desk.keyboard.press('Enter');
  await expect(desk).toHaveURL(/\/users$/);
  expect((await admin.send('GET', `/users/${user.name}`)).status).toBe(404);
  await desk.goto(`/users/${user.name}`);
  await expect(desk.getByText(`There is nobody called ${user.name}`)).toBeVisible();
  await expectAccessible(desk);
});

test('what would be refused for oneself is said beforehand', async ({desk, boss}) => {
  await desk.goto(`/users/${boss.name}`);
  const access = section(desk, 'Role and access');
  await expect(access.getByText('Nobody changes their own role')).toBeVisible();
  await expect(access.getByLabel('Role')).toBeDisabled();
  await expect(desk.getByText('another administrator can delete your account')).toBeVisible();
  await expectAccessible(desk);
  await section(desk, 'Sign-in').getByRole('link').click();
  await expect(desk.getByRole('heading', {name: 'Account', level: 1})).toBeVisible();
});

test('the last administrator is named as such', async ({browser}) => {
  const server = new Server();
  await server.start();
  const admin = await new Api(server, 'admin', adminPassword).login();
  await makeUser(admin, server, {role: 'admin'}).then((other) =>
    admin.json('PATCH', `/users/${other.name}`, {enabled: false}));
  const page = await browser.newPage({baseURL: server.url, locale: 'en-GB'});
  await page.goto('/login?next=/users/admin');
  await signIn(page, 'admin', adminPassword);
  const remove = section(page, 'Delete account');
  await expect(remove.getByText('This is the only administrator')).toBeVisible();
  await expect(section(page, 'Role and access').getByRole('button', {name: 'Disable'}))
    .toBeDisabled();
  await page.close();
  await server.remove();
});
