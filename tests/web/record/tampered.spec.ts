import {readFileSync} from 'node:fs';
import {adminPassword, Api, expect, expectAccessible, makeUser, Server, test}
  from '../support/test.ts';
import {event, meddle, newest, openAs, rows, sealed, trust} from '../support/trail.ts';

// axe looks at each state four times.
test.beforeEach(() => test.setTimeout(240_000));

/** A server of its own, three uploads, and what somebody did to its database meanwhile. */
async function tampered(sql: (id: number) => string) {
  const server = new Server();
  await server.start();
  const admin = await new Api(server, 'admin', adminPassword).login();
  const user = await makeUser(admin, server);
  for (const name of ['one', 'two', 'three']) await user.put(`${name}.txt`, name);
  const status = await sealed(admin);
  const {id} = await newest(admin, `action=upload&resource=/${user.name}/two.txt`);
  meddle(server, sql(id));
  return {server, admin, id, key: status.public_key as string};
}

const kinds = [
  {
    what: 'an event that was edited', finding: 'Event changed', proof: 'it was changed afterwards',
    sql: (id: number) => `update audit_logs set resource = '/elsewhere' where id = ${id}`
  },
  {
    what: 'an event that was removed', finding: 'Event missing', proof: undefined,
    sql: (id: number) => `delete from audit_logs where id = ${id}`
  },
  {
    what: 'a seal that was forged', finding: 'Signature does not fit',
    proof: 'The signature does not fit',
    sql: (id: number) =>
      'update audit_seals set sealed_at = sealed_at - 1 where number = (select ' +
      'max(number) from audit_seals where first_sequence <= (select sequence from audit_leaves ' +
      `where event_id = ${id}))`
  }
];
for (const {what, finding, proof, sql} of kinds)
  test(`${what} is shown, with its name, and is not proven`, async ({browser}) => {
    const {server, admin, id, key} = await tampered(sql);
    const context = await browser.newContext({baseURL: server.url, locale: 'en-GB'});
    const page = await context.newPage();
    await openAs(page, admin, '/audit');
    await page.getByRole('button', {name: 'Verify now'}).click();
    const bar = page.getByRole('region', {name: 'State of the proof'});
    // The anchor tells of the newest seal only.
    await expect(bar.getByText(/The trail was altered|contradict the anchor/)).toBeVisible();
    const item = bar.getByRole('listitem').filter({hasText: finding}).first();
    await expect(item).toBeVisible();
    await expectAccessible(page);
    if (finding === 'Signature does not fit') await page.goto(`/audit?event=${id}`);
    else await item.getByRole('link', {name: `Event ${id}`}).click();
    if (proof) {
      await trust(page, key);
      await event(page).getByRole('button', {name: 'Prove this event'}).click();
      await expect(event(page).getByText('Not proven', {exact: true})).toBeVisible();
      await expect(event(page).getByText(proof)).toBeVisible();
    } else {
      await expect(event(page).getByText('has been removed since')).toBeVisible();
      await expect(event(page).getByText('It is not there')).toHaveCount(0);
      await expect(event(page).getByRole('button', {name: 'Try again'})).toHaveCount(0);
      await expectAccessible(page);
    }
    await page.reload();
    await expect(bar.getByText(/verification found problems|contradict the anchor/)).toBeVisible();
    await expect(item).toBeVisible();
    if (finding !== 'Signature does not fit') {
      // It is missing in the report to which it belongs.
      await page.goto('/audit/reports/logins');
      const notice = page.locator('article .notice').first();
      await expect(notice).toContainText('may belong to this report');
      await expect(notice.getByRole('listitem').filter({hasText: finding})
        .getByRole('link', {name: `Event ${id}`})).toBeVisible();
      await expectAccessible(page);
      const waiting = page.waitForEvent('download');
      await page.getByRole('button', {name: 'CSV'}).click();
      const text = readFileSync(await (await waiting).path(), 'utf8');
      expect(text).toMatch(/^\ufeffLast verification,"The last verification found problems/);
      expect(text).toContain(`\r\n${finding},"Event ${id}, Seal `);
      await page.emulateMedia({media: 'print'});
      await expect(notice.getByRole('listitem').first()).toBeVisible();
      await page.emulateMedia({media: 'screen'});
      await page.goto(`/audit?event=${id}`);
    }
    if (finding === 'Event changed') {
      await expect(event(page).getByText('What stands here cannot be trusted')).toBeVisible();
      await expect(event(page).getByText('It says: Succeeded')).toBeVisible();
      await expectAccessible(page);
      await event(page).getByRole('button', {name: 'Close'}).click();
      await expect(rows(page).filter({hasText: '/elsewhere'}).locator('.bad'))
        .toHaveText(['', 'Altered:', 'Altered']);
      // Where the outcome has no column too, and by an icon that no failure has.
      const altered = rows(page).filter({hasText: '/elsewhere'});
      const word = altered.getByText('Altered:');
      await expect(word).toBeHidden();
      await altered.getByRole('link').click();
      await expect(word).toBeVisible();
      await event(page).getByRole('button', {name: 'Close'}).click();
      const wide = page.viewportSize()!;
      await page.setViewportSize({width: 360, height: 800});
      await expect(word).toBeVisible();
      await expectAccessible(page);
      const icon = await altered.locator('.what svg').innerHTML();
      await page.setViewportSize(wide);
      await page.goto('/audit?action=audit_verified');
      const verified = rows(page).filter({hasText: 'Verified the record and found problems'});
      await expect(verified.locator('.bad')).toHaveText(['', 'Found problems']);
      expect(await verified.locator('.what svg').innerHTML()).not.toBe(icon);
      const outcome = verified.getByText('Found problems', {exact: true}).locator('xpath=..');
      expect(await outcome.evaluate((cell) => cell.scrollWidth - cell.clientWidth)).toBe(0);
      await page.goto('/audit/reports/privileged');
      const line = page.getByRole('definition').filter({hasText: 'Problems found'});
      await expect(line).toHaveClass(/bad/);
      await page.goto('/audit/reports/access?path=/elsewhere');
      await expect(page.getByRole('region', {name: 'Changed'})).toContainText('Altered');
      await expect(page.getByRole('table', {name: 'By action'})).toContainText('Upload (Doubtful)');
      await expectAccessible(page);
      await page.emulateMedia({media: 'print'});
      await expect(line).toBeVisible();
      await expect(line.locator('svg')).toBeVisible();
    }
    await context.close();
    await server.remove();
  });

test('what a verification and a recovery found is said in German, with its numbers', async ({
  browser
}) => {
  const {server, admin, id} = await tampered((id) =>
    `update audit_logs set resource = '/elsewhere' where id = ${id}; ` +
    'insert into audit_logs (id, timestamp, event_type, action, "user", success, details) ' +
    'select id + 1, timestamp - 120000000, event_type, action, "user", success, details ' +
    'from audit_logs where id = (select max(id) from audit_logs)');
  await server.end();
  await server.start();
  const context = await browser.newContext({baseURL: server.url, locale: 'de-DE'});
  const page = await context.newPage();
  await page.goto('/login?next=/audit');
  await page.getByLabel('Name', {exact: true}).fill(admin.name);
  await page.getByLabel('Passwort', {exact: true}).fill(admin.password);
  await page.getByRole('button', {name: 'Anmelden'}).click();
  await page.getByRole('button', {name: 'Jetzt prüfen'}).click();
  const found = page.getByRole('listitem').filter({hasText: 'Ereignis geändert'});
  await expect(found).toContainText(
    /Ereignis mit der Folgenummer \d+ ist nicht, was versiegelt wurde/);
  await expect(found.getByRole('link', {name: `Ereignis ${id}`})).toBeVisible();
  await expect(page.getByRole('listitem').filter({hasText: 'von außen eingefügt'}))
    .toContainText(/hat weder Siegel noch Marke: Keins unserer Programme schrieb es/);
  await expectAccessible(page);

  await page.goto('/audit?action=recovery_completed&success=false');
  await rows(page).filter({hasText: 'fand Probleme (1)'}).first().getByRole('link').click();
  const pane = page.getByRole('dialog', {name: /^Ereignis \d/});
  const finding = pane.getByRole('listitem').filter({hasText: 'von außen eingefügt'});
  await expect(finding).toContainText('das Ereignis hat keine Marke');
  await finding.getByRole('link', {name: /^Ereignis \d/}).click();
  await expect(page).toHaveURL(/event=\d+/);
  await context.close();
  await server.remove();
});

test('what a verification of before the findings were kept found is asked for anew', async ({
  browser
}) => {
  const {server, admin} = await tampered((id) => `delete from audit_logs where id = ${id}`);
  expect((await admin.post('/audit/verify')).ok).toBe(false);
  meddle(server, 'update audit_logs set details = \'{"ok":false,"events":9,"seals":1}\' ' +
    "where action = 'audit_verified'");
  const context = await browser.newContext({baseURL: server.url, locale: 'en-GB'});
  const page = await context.newPage();
  await openAs(page, admin, '/audit');
  await expect(page.getByText('What it found is not on record')).toBeVisible();
  await context.close();
  await server.remove();
});
