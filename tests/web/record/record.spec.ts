// How the record is shown where there is much of it.
import type {Page} from '@playwright/test';
import {expect, expectAccessible, test} from '../support/test.ts';
import {makeAuditor, openAs} from '../support/trail.ts';

// axe looks at each state four times.
test.beforeEach(() => test.setTimeout(240_000));

const rows = (page: Page) => page.getByRole('grid').getByRole('row');

test('that sessions were kept going is left out, told, and shown when it is asked for', async ({
  page, admin, server, user
}) => {
  const auditor = await makeAuditor(admin, server);
  const body = {username: user.name, password: user.password};
  let {refresh_token} = await user.post('/auth/login', body);
  for (let i = 0; i < 130; ++i)
    ({refresh_token} = await user.post('/auth/refresh', {refresh_token}));
  await user.put('newest.txt', 'x');
  for (let i = 0; i < 3; ++i)
    ({refresh_token} = await user.post('/auth/refresh', {refresh_token}));
  await openAs(page, auditor, `/audit?user=${user.name}`);
  const shown = page.getByRole('checkbox', {name: /^Show routine events/});
  // More than a page of them lies between.
  await expect(rows(page).filter({hasText: 'newest.txt'})).toHaveCount(1);
  await expect(rows(page).filter({hasText: 'Signed in'})).toHaveCount(2);
  await expect(rows(page).filter({hasText: 'Kept a session going'})).toHaveCount(0);
  await expect(page.getByText('133 hidden: sessions were kept going')).toBeVisible();
  await expectAccessible(page);
  await shown.focus();
  await page.keyboard.press('Space');
  await expect(rows(page).nth(1)).toContainText('Kept a session going');
  await expect(page.getByText('hidden: sessions')).toBeHidden();
  await page.reload();
  await expect(shown).toBeChecked();
  await expect(rows(page).nth(1)).toContainText('Kept a session going');
  await shown.uncheck();
  await expect(rows(page).nth(1)).toContainText('newest.txt');
  // Who asks for them by name gets them; an export has them all.
  await page.goto(`/audit?user=${user.name}&action=token_refresh`);
  await expect(rows(page).nth(1)).toContainText('Kept a session going');
  await expect(shown).toBeHidden();
  const csv = await auditor.send('GET', `/audit/export?user=${user.name}`);
  expect((await csv.text()).split(',token_refresh,')).toHaveLength(134);
});

test('how many are left out is told of the list that is shown, while another comes', async ({
  page, admin, server, user
}) => {
  const auditor = await makeAuditor(admin, server);
  const body = {username: user.name, password: user.password};
  const {refresh_token} = await user.post('/auth/login', body);
  await user.post('/auth/refresh', {refresh_token});
  await user.put('newest.txt', 'x');
  await openAs(page, auditor, `/audit?user=${user.name}`);
  const told = page.getByText('1 hidden: a session was kept going');
  await expect(told).toBeVisible();
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/api/v1/audit/events?*', async (route) => {
    await released;
    await route.continue();
  });
  const asked = page.waitForRequest('**/api/v1/audit/events?*');
  await page.getByRole('button', {name: 'Filter', exact: true}).click();
  await page.getByRole('dialog').getByLabel('Outcome').selectOption({label: 'Failed'});
  await page.getByRole('dialog').getByRole('button', {name: 'Show'}).click();
  await asked;
  await page.waitForTimeout(300);
  await expect(rows(page).filter({hasText: 'newest.txt'})).toHaveCount(1);
  await expect(told).toBeVisible();
  release();
  await expect(page.getByRole('main').getByRole('heading', {level: 2})).toBeVisible();
  await expect(told).toBeHidden();
  await page.unrouteAll();
});

test('figures that are still counted are waited for, not an error', async ({
  page, admin, server, user, watch
}) => {
  watch.allow(/status of 503/);
  const auditor = await makeAuditor(admin, server);
  await user.put('counted.txt', 'x');
  let asked = 0;
  await page.route('**/api/v1/audit/stats?*', async (route) => {
    if (++asked > 2) return route.continue();
    await route.fulfill({status: 503, headers: {'Retry-After': '1'}, body: ''});
  });
  await openAs(page, auditor, `/audit?view=figures&user=${user.name}`);
  await expect(page.getByText('The server still counts')).toBeVisible();
  await expectAccessible(page);
  await expect(page.getByRole('link', {name: /Bytes in/})).toContainText('1 B', {timeout: 20_000});
  await expect(page.getByText('The server still counts')).toBeHidden();

  // One that takes long is told too, and given up for the next.
  let ended = 0;
  page.on('requestfailed', (request) => (ended += Number(request.url().includes('/audit/stats'))));
  await page.unroute('**/api/v1/audit/stats?*');
  await page.route('**/api/v1/audit/stats?*', async (route) => {
    if (!route.request().url().includes('interval=week')) return route.continue();
    await new Promise((resolve) => setTimeout(resolve, 8000));
    await route.continue().catch(() => {});
  });
  await page.getByLabel('Time range').selectOption({label: 'Last year'});
  await expect(page.getByText('The server still counts')).toBeVisible();
  await page.getByLabel('Time range').selectOption({label: 'Last 24 hours'});
  await expect(page.getByText('The server still counts')).toBeHidden();
  await expect(page.getByRole('link', {name: /Bytes in/})).toContainText('1 B');
  expect(ended).toBe(1);
  await page.unrouteAll({behavior: 'ignoreErrors'});
});
