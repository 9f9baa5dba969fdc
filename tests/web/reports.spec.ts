import {readFileSync} from 'node:fs';
import {expect, expectAccessible, test} from './support/test.ts';
import {makeAuditor, openAs, sealed} from './support/trail.ts';

// axe looks at each state four times.
test.beforeEach(() => test.setTimeout(240_000));

test('each report opens, says over what it was made, and is accessible', async ({
  page, admin, server, user
}) => {
  const auditor = await makeAuditor(admin, server);
  await user.put('r/a.txt', 'x');
  const grant = {path: `/${user.name}/r`, grantee: auditor.name, rights: ['read']};
  await user.json('PUT', '/grants', grant);
  const status = await sealed(auditor);
  await openAs(page, auditor, '/audit/reports');
  await expectAccessible(page);
  for (const name of ['Failed sign-ins', 'Rights, and who gave them', 'Privileged acts',
                      'Retention and proof']) {
    await page.getByRole('link', {name: new RegExp('^' + name)}).click();
    await expect(page.getByRole('heading', {name, level: 1})).toBeVisible();
    await expect(page.getByText(status.key_id, {exact: true})).toBeVisible();
    await expect(page.getByText('To check this report')).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('link', {name: 'Reports', exact: true}).click();
  }
});

test('who had access to a path is found by keyboard, printed and saved', async ({
  page, admin, server, user
}) => {
  const auditor = await makeAuditor(admin, server);
  await user.put('secret/a.txt', 'x');
  await user.put('secretly.txt', 'x');
  await auditor.send('GET', `/files/${user.name}/secret/a.txt`);
  await openAs(page, auditor, '/audit/reports/access');
  await expect(page.getByRole('heading', {name: 'Which path is it about?'})).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Path').fill(`/${user.name}/secret`);
  await page.keyboard.press('Enter');
  const events = page.getByRole('region', {name: 'Events'});
  await expect(events).toContainText('/secret/a.txt');
  await expect(events).not.toContainText('secretly.txt');
  await expect(events.getByRole('row').filter({hasText: auditor.name})).toContainText('Failed');
  await page.reload();
  await expect(events).toContainText('/secret/a.txt');
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', {name: 'CSV'}).click();
  const text = readFileSync(await (await waiting).path(), 'utf8');
  expect(text).toContain(`Path,/${user.name}/secret\r\n`);
  expect(text).toMatch(/\r\nHead,[0-9a-f]{64}\r\n/);
  expect(text).toContain('\r\n\r\nid,timestamp,event_type');
  expect(text).toContain(`,${auditor.name},`);
  await page.emulateMedia({media: 'print'});
  await expect(page.getByRole('button', {name: 'Print'})).toBeHidden();
  await expect(page.getByRole('navigation')).toBeHidden();
  await expect(events).toBeVisible();
  const pdf = (await page.pdf({format: 'A4', preferCSSPageSize: true})).toString('latin1');
  expect(pdf.startsWith('%PDF')).toBe(true);
});

test('the actions of a person', async ({page, admin, server, user}) => {
  const auditor = await makeAuditor(admin, server);
  await user.put('done.txt', 'x');
  await openAs(page, auditor, `/audit/reports/person?user=${user.name}&range=24h`);
  await expect(page.getByRole('region', {name: 'Events'})).toContainText('done.txt');
  await page.getByRole('region', {name: 'Events'}).getByRole('link').last().click();
  await expect(page.getByRole('dialog', {name: /^Event/})).toBeVisible();
});
