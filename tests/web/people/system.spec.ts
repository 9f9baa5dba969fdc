import {spawnSync} from 'node:child_process';
import {readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {adminPassword, Api, expect, expectAccessible, Server, test} from '../support/test.ts';
import {meddle, openAs, sealed} from '../support/trail.ts';

// axe looks at each state four times.
test.beforeEach(() => test.setTimeout(240_000));

test('the system says how it is, and what to do', async ({page, server, admin}) => {
  expect(admin.name).toBe('admin');
  await openAs(page, new Api(server, 'admin', adminPassword), '/system');
  await expect(page.getByRole('heading', {name: 'Needs attention'})).toBeVisible();
  await expect(page.getByText(/^No backup is on record since \d/)).toBeVisible();
  await expect(page.getByRole('region', {name: 'Ready to serve'}).getByText('In order'))
    .toHaveCount(4);
  const facts = page.getByRole('region', {name: 'Server'});
  await expect(facts.getByText(/^\d+\.\d+\.\d+$/)).toBeVisible();
  await expect(facts).toContainText(/Free\s*[\d.,]+ [KMGT]iB of [\d.,]+ [KMGT]iB/);
  await expect(facts).toContainText(
    process.env.BALUHOST_TEST_DATABASE === 'postgresql' ? 'PostgreSQL' : 'SQLite');
  await expect(page.getByText(/^All \d+ tasks ran well$/)).toBeVisible();
  await expectAccessible(page);
  await page.getByText('Show them').focus();
  await page.keyboard.press('Enter');
  const settings = page.getByRole('region', {name: 'Setting', exact: true});
  await expect(settings.getByRole('row').filter({hasText: 'files.min_free_bytes'}))
    .toContainText(/1MiB.*baluhost\.toml:\d+/);
  await expect(settings.getByRole('row').filter({hasText: 'files.trash_days'}))
    .toContainText('Default');
  await expectAccessible(page);
  await page.getByRole('button', {name: 'Look again'}).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', {name: 'Look again'})).toBeEnabled();
});

test('a check that fails comes first', async ({page, server, watch}) => {
  watch.allow(/status of 503/);
  const checks = {
    database: 'ok', blob_store: 'contents are missing', disk_space: 'ok', audit: 'ok'
  };
  await page.route('**/readyz', (route) =>
    route.fulfill({status: 503, json: {status: 'unavailable', checks}}));
  await openAs(page, new Api(server, 'admin', adminPassword), '/system');
  const first = page.getByRole('region', {name: 'Needs attention'}).getByRole('listitem').first();
  await expect(first).toContainText('The contents of files are not in order.');
  await expect(first).toContainText('contents are missing');
  await expectAccessible(page);
});

test('a task that failed is named', async ({page, server}) => {
  const admin = new Api(server, 'admin', adminPassword);
  const system = await (await admin.login()).get('/system');
  const tasks = [{name: 'removing orphaned blobs', last_run: null, error: 'unavailable'}];
  await page.route('**/api/v1/system', (route) => route.fulfill({json: {...system, tasks}}));
  await openAs(page, admin, '/system');
  await expect(page.getByRole('region', {name: 'Needs attention'}))
    .toContainText('removing orphaned blobs: The server is busy.');
});

test('what the server says in its own words is said in German', async ({browser, server}) => {
  const admin = await new Api(server, 'admin', adminPassword).login();
  const system = await admin.get('/system');
  const checks = {
    database: 'does not answer', blob_store: 'cannot be written to',
    disk_space: 'below the reserve', audit: 'events cannot be written'
  };
  const context = await browser.newContext({baseURL: server.url, locale: 'de-DE'});
  const page = await context.newPage();
  await page.route('**/readyz', (route) =>
    route.fulfill({status: 503, json: {status: 'unavailable', checks}}));
  await page.goto('/login?next=/system');
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Passwort', {exact: true}).fill(adminPassword);
  await page.keyboard.press('Enter');
  await page.getByText('Jede einzeln').click();
  await expect(page.getByRole('heading', {name: 'Braucht Aufmerksamkeit'})).toBeVisible();
  const shown = await page.locator('main').innerText();
  const tasks: string[] = system.tasks.map((task: {name: string}) => task.name);
  const words = [...Object.values(checks), ...tasks];
  expect(words.length).toBeGreaterThan(20);
  for (const word of words) expect(shown.toLowerCase()).not.toContain(word);
  await context.close();
});

test('an altered trail is urgent once it was found', async ({browser}) => {
  const server = new Server();
  await server.start();
  const admin = await new Api(server, 'admin', adminPassword).login();
  await sealed(admin);
  meddle(server, "update audit_logs set user_agent = 'x' where id = 1");
  expect((await admin.post('/audit/verify')).ok).toBe(false);
  const context = await browser.newContext({baseURL: server.url, locale: 'en-GB'});
  const page = await context.newPage();
  await openAs(page, admin, '/system');
  const altered = page.getByRole('listitem').filter({hasText: 'The audit trail was altered'});
  await expect(altered).toBeVisible();
  await expect(page.getByText('Problems found')).toHaveClass(/bad/);
  await expectAccessible(page);
  await altered.getByRole('link', {name: 'Open the audit trail'}).click();
  await expect(page.getByText('1 problem was found')).toBeVisible();
  await context.close();
  await server.remove();
});

test('a check that found contents damaged looks like what it is', async ({browser}) => {
  const server = new Server();
  await server.start();
  const admin = await new Api(server, 'admin', adminPassword).login();
  await admin.put('damaged.txt', 'sound');
  await server.end();
  const blobs = join(server.folder, 'data/blobs');
  const files = readdirSync(blobs, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile());
  expect(files).toHaveLength(1);
  for (const file of files) writeFileSync(join(file.parentPath, file.name), 'SOUND');
  const scrub = ['--config', join(server.folder, 'baluhost.toml'), 'files', 'scrub'];
  expect(spawnSync(join(process.env.BALUHOST_TEST_BIN_DIR!, 'baluhostctl'), scrub).status).toBe(3);
  await server.start();
  const context = await browser.newContext({baseURL: server.url, locale: 'en-GB'});
  const page = await context.newPage();
  await openAs(page, admin, '/system');
  const run = page.getByRole('row').filter({hasText: '1 damaged, 0 missing'});
  await expect(run.locator('.bad svg')).toBeVisible();
  await expect(page.getByRole('region', {name: 'Needs attention'}))
    .toContainText('The last check of contents found damaged');
  await expectAccessible(page);
  await page.goto('/audit?event_type=DISK_MONITOR');
  const list = page.getByRole('grid').getByRole('row');
  await expect(list.filter({hasText: '1 damaged'}).locator('.bad'))
    .toHaveText(['', 'Found problems']);
  await expect(list.filter({hasText: 'A content is damaged (/admin/damaged.txt)'}).locator('.bad'))
    .toHaveText(['', 'Found problems']);
  await context.close();
  await server.remove();
});

test('a plain user has no such page', async ({home}) => {
  await home.goto('/system');
  await expect(home.getByText('You do not have the right to do this.')).toBeVisible();
  await expect(home.getByRole('link', {name: 'System'})).toHaveCount(0);
});
