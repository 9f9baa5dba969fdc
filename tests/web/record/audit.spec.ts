import {readFileSync} from 'node:fs';
import {adminPassword, Api, expect, expectAccessible, makeUser, Server, test}
  from '../support/test.ts';
import {event, makeAuditor, makeEvents, newest, openAs, rows, sealed, trust}
  from '../support/trail.ts';

// axe looks at each state four times.
test.beforeEach(() => test.setTimeout(240_000));

/** The key of RFC 8032 section 7.1, test 1: everybody has it. */
const otherKey = '-----BEGIN PUBLIC KEY-----\n' +
  'MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n';

test('filters are made by the mouse, live in the address, and are taken off by chips', async ({
  page, admin, server, user
}) => {
  const auditor = await makeAuditor(admin, server);
  await user.put('folder/a.txt', 'a');
  await user.put('b.txt', 'b');
  await openAs(page, auditor, '/audit');
  await page.getByRole('button', {name: 'Filter', exact: true}).click();
  const dialog = page.getByRole('dialog', {name: 'Filter events'});
  await expectAccessible(page);
  await dialog.getByLabel('Who').fill(user.name);
  await dialog.getByLabel('Action').selectOption('upload');
  await dialog.getByRole('textbox', {name: 'Where'}).fill(`/${user.name}/folder/`);
  await dialog.getByRole('button', {name: 'Show'}).click();
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).last()).toContainText('/folder/a.txt');
  const query = new URL(page.url()).searchParams;
  expect(query.get('resource_prefix')).toBe(`/${user.name}/folder/`);
  await page.reload();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole('button', {name: /^Take off filter Below/}).click();
  await expect(rows(page)).toHaveCount(3);
  await page.goBack();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole('button', {name: 'Take off all'}).click();
  await expect(page).toHaveURL(/\/audit(\?[^=]*)?$/);
  await page.goto('/audit?user=nobody.at.all');
  await expect(page.getByRole('heading', {name: 'No events fit'})).toBeVisible();
  await expectAccessible(page);
});

test('an event is opened by keyboard, tells what was changed, and gives the focus back', async ({
  page, admin, server, user
}) => {
  const auditor = await makeAuditor(admin, server);
  await admin.json('PATCH', `/users/${user.name}`, {email: 'new@example.org', quota_bytes: 1e9});
  await openAs(page, auditor, `/audit?action=user_updated&resource=${user.name}`);
  await expect(rows(page)).toHaveCount(2);
  await rows(page).nth(1).focus();
  await page.keyboard.press('Enter');
  await expect(event(page).getByRole('heading', {level: 2})).toBeFocused();
  const changes = event(page).getByRole('table', {name: 'Changes'});
  await expect(changes.getByRole('row', {name: /^E-mail/})).toContainText('new@example.org');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(event(page)).toBeHidden();
  await expect(rows(page).nth(1)).toBeFocused();
  await rows(page).nth(1).getByRole('link').click();
  await event(page).getByRole('link', {name: 'admin'}).click();
  await expect(page).toHaveURL(/user=admin/);
});

test('the trail is verified with progress, and an event is proven here against a key', async ({
  page, admin, server, user
}) => {
  const auditor = await makeAuditor(admin, server);
  await user.put('proven.txt', 'x');
  const status = await sealed(auditor);
  const {id} = await newest(auditor, `user=${user.name}&action=upload`);
  const proof = await auditor.get(`/audit/events/${id}/proof`);
  await openAs(page, auditor, `/audit?event=${id}`);
  // Its seal stands there before a key is trusted.
  await expect(event(page).locator('dl').last()).toContainText(
    new RegExp(`^Seal\\s*${proof.seal.seal}, .*\\d of ${proof.seal.count} in this seal`));
  await page.getByRole('button', {name: 'Verify now'}).click();
  const bar = page.getByRole('region', {name: 'State of the proof'});
  await expect(bar.getByText('No problem was found.')).toBeVisible();
  await expect(page.getByText(/\d+ events in \d+ seals were recomputed/)).toBeVisible();

  await trust(page, 'nonsense');
  await expect(event(page).getByText('This is no Ed25519 public key')).toBeVisible();
  await trust(page, otherKey);
  await event(page).getByRole('button', {name: 'Prove this event'}).click();
  await expect(event(page).getByText('Not proven', {exact: true})).toBeVisible();
  await expect(event(page).getByText('a key that you do not trust')).toBeVisible();
  await expectAccessible(page);

  await event(page).getByRole('button', {name: /^No longer trust/}).click();
  await trust(page, status.public_key);
  await event(page).getByRole('button', {name: 'Prove this event'}).click();
  await expect(event(page).getByText('Proven', {exact: true})).toBeVisible();
  await expect(event(page).getByText('byte for byte')).toBeVisible();
  await expectAccessible(page);
  const waiting = page.waitForEvent('download');
  await event(page).getByRole('button', {name: 'Download proof'}).click();
  const download = await waiting;
  expect(download.suggestedFilename()).toBe(`proof-${id}.json`);
  const saved = JSON.parse(readFileSync(await download.path(), 'utf8'));
  expect(saved.event.id).toBe(id);
  expect(saved.seal.key_id).toBe(status.key_id);
  await page.reload();
  await expect(event(page).getByText(status.key_id).first()).toBeVisible();
});

test('new events come by themselves, and a lost touch is told and made good', async ({browser}) => {
  const server = new Server();
  await server.start();
  const admin = await new Api(server, 'admin', adminPassword).login();
  const user = await makeUser(admin, server);
  const context = await browser.newContext({baseURL: server.url, locale: 'en-GB'});
  const page = await context.newPage();
  await openAs(page, admin, `/audit?user=${user.name}&action=upload`);
  await page.getByRole('button', {name: 'Live'}).click();
  await expect(page.getByText('New events are shown as they happen.')).toBeVisible();
  await user.put('first.txt', '1');
  await page.getByRole('button', {name: /1 new event/}).or(rows(page).getByText('first.txt'))
    .first().waitFor();
  await server.end();
  await expect(page.getByText(/Lost touch/)).toBeVisible();
  await server.start();
  await expect(page.getByText('New events are shown as they happen.')).toBeVisible({
    timeout: 30_000
  });
  await user.login();
  await user.put('second.txt', '2');
  // Whoever has a hand in the list is not moved: a button tells, and brings them.
  const show = page.getByRole('button', {name: /new event/});
  await show.or(rows(page).getByText('second.txt')).first().waitFor();
  if (await show.isVisible()) await show.click();
  await expect(rows(page).getByText('second.txt')).toBeVisible();
  await page.getByRole('button', {name: 'Live'}).click();
  await expect(page.getByText('New events are shown')).toBeHidden();
  await context.close();
  await server.remove();
});

test('a long list holds few rows in the document, and keeps its place', async ({
  page, admin, server, user
}) => {
  const auditor = await makeAuditor(admin, server);
  await makeEvents(user, 1200);
  await openAs(page, auditor, `/audit?user=${user.name}&action=delete`);
  await expect(rows(page).nth(1)).toBeVisible();
  await rows(page).nth(1).focus();
  const end = page.getByText('That is all in this range.');
  await expect(async () => {
    await page.keyboard.press('End');
    await expect(end).toBeAttached({timeout: 500});
  }).toPass();
  await page.keyboard.press('End');
  await expect(rows(page).last()).toBeFocused();
  await expect(rows(page).last()).toContainText('/no-');
  expect(await rows(page).count()).toBeLessThan(60);
  await page.keyboard.press('Home');
  await expect(rows(page).nth(1)).toBeFocused();
});

test('figures filter by a click, and charts are tables too', async ({
  page, admin, server, user
}) => {
  const auditor = await makeAuditor(admin, server);
  await user.put('figure.txt', 'x'.repeat(2048));
  await user.send('DELETE', `/files/${user.name}/nothing`);
  await openAs(page, auditor, `/audit?view=figures&user=${user.name}`);
  await expect(page.getByRole('link', {name: /Bytes in/})).toContainText('2 KiB');
  await expectAccessible(page);
  await page.getByText('As a table').first().click();
  const table = page.getByRole('group', {name: 'Events by day'});
  await expect(table.getByRole('columnheader', {name: 'Failed'})).toBeVisible();
  await expectAccessible(page);
  await table.getByRole('row').last().getByRole('link').last().click();
  await expect(page).toHaveURL(/success=false/);
  await expect(rows(page)).toHaveCount(2);
  await page.goBack();
  await page.getByRole('table', {name: 'Actions'}).getByRole('link', {name: 'Upload'}).click();
  await expect(page).toHaveURL(/action=upload/);
  await expect(rows(page)).toHaveCount(2);
});

test('a bar is clicked', async ({page, admin, server, user}) => {
  const auditor = await makeAuditor(admin, server);
  await user.put('bar.txt', 'x');
  await openAs(page, auditor, `/audit?view=figures&range=24h&user=${user.name}`);
  await page.locator('figure').first().locator('a.part').last().click();
  await expect(page).toHaveURL(/event_type=.*from=|from=.*event_type=/);
});

test('what turns the direction of writing is shown as what it is', async ({
  page, admin, server
}) => {
  const auditor = await makeAuditor(admin, server);
  const name = '\u202ex nimda sa ni dengiS';
  const reply = await fetch(server.url + '/api/v1/auth/login', {
    method: 'POST', headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({username: name, password: 'wrong'})
  });
  expect(reply.status).toBe(401);
  await openAs(page, auditor, '/audit?action=login_failed');
  await expect(page.getByText('\\u202ex nimda sa ni dengiS').first()).toBeVisible();
  await page.getByText('\\u202ex nimda sa ni dengiS').first().click();
  await expect(page.getByRole('dialog').getByText(/\\u202ex nimda/).first()).toBeVisible();
  expect(await page.locator('body').innerText()).not.toContain('\u202e');
});

test('an export takes what is filtered', async ({page, admin, server, user}) => {
  const auditor = await makeAuditor(admin, server);
  await user.put('exported.txt', 'x');
  await openAs(page, auditor, `/audit?user=${user.name}&action=upload`);
  await page.getByRole('button', {name: 'Export'}).click();
  await expectAccessible(page);
  const waiting = page.waitForEvent('download');
  await page.getByRole('link', {name: /^CSV/}).click();
  const lines = readFileSync(await (await waiting).path(), 'utf8').trim().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(`/${user.name}/exported.txt`);
});

test('who may not see the trail is told so, and an error can be tried again', async ({
  home, page, user, admin, server, watch
}) => {
  expect(user.name).not.toBe('');
  await home.goto('/audit');
  await expect(home.getByText('You do not have the right to do this.')).toBeVisible();
  await expect(home.getByText('This page is for auditors and administrators.')).toBeVisible();
  await expect(home.getByRole('link', {name: 'Audit trail'})).toHaveCount(0);
  watch.allow(/status of 503/);
  await page.context().clearCookies();
  await page.evaluate(() => localStorage.clear());
  await page.route('**/api/v1/audit/events?*', (route) => route.fulfill({status: 503}));
  await openAs(page, await makeAuditor(admin, server), '/audit');
  await expect(page.getByRole('alert')).toContainText('The server is busy.');
  await expectAccessible(page);
  await page.unroute('**/api/v1/audit/events?*');
  await page.getByRole('button', {name: 'Try again'}).focus();
  await page.keyboard.press('Enter');
  await expect(rows(page).nth(1)).toBeVisible();
  // A row under the pointer changes its colours a frame after the theme.
  await page.mouse.move(0, 0);
  await expectAccessible(page);
});

test('no page scrolls beyond what it shows: only what is in its frame does', async ({
  page, admin
}) => {
  await openAs(page, admin, '/audit?view=figures');
  await page.setViewportSize({width: 1280, height: 800});
  await expect(page.locator('figure').first()).toBeVisible();
  for (const path of [
    '/audit?view=figures', '/audit', '/audit/reports', '/audit/reports/privileged', '/files',
    '/shared', '/activity', '/trash', '/users', '/system', '/account'
  ]) {
    await page.goto(path);
    await expect(page.locator('main').getByRole('heading', {level: 1})).toBeAttached();
    await page.waitForLoadState('networkidle');
    const beyond = await page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
    expect(beyond, path).toBeLessThanOrEqual(1);
  }
});
