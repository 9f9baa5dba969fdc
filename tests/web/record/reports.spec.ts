import {readFileSync} from 'node:fs';
import {type Api, expect, expectAccessible, makeUser, test} from '../support/test.ts';
import {makeAuditor, openAs, sealed} from '../support/trail.ts';

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
    if (name === 'Retention and proof')
      await expect(page.getByRole('definition').filter({hasText: /^Forever$/})).toBeVisible();
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
  await page.getByLabel('Path').fill(`${user.name}/secret`);
  await page.keyboard.press('Enter');
  await expect(page.getByText('A path begins with “/”')).toBeVisible();
  await expect(page.getByLabel('Path')).toBeFocused();
  await expect(page.getByRole('article')).toBeHidden();
  await page.getByLabel('Path').fill('/nobody/nothing');
  await page.keyboard.press('Enter');
  await expect(page.getByText('The record knows nothing of this path')).toBeVisible();
  await page.getByLabel('Path').fill(`/${user.name}/secret`);
  await page.keyboard.press('Enter');
  const events = page.getByRole('region', {name: 'Changed'});
  await expect(events).toContainText('/secret/a.txt');
  await expect(page.getByRole('article')).not.toContainText('secretly.txt');
  const refused = page.getByRole('region', {name: 'Refused or failed'});
  await expect(refused.getByRole('row').filter({hasText: auditor.name})).toContainText('Failed');
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

test('who read a file is told from who changed it and was refused, whatever way it left', async ({
  page, admin, server, user
}) => {
  const auditor = await makeAuditor(admin, server);
  const [ben, clara] = [await makeUser(admin, server), await makeUser(admin, server)];
  const home = `/${user.name}`;
  const from = new Date().toISOString();
  await user.put('work/plan.txt', 'x');
  await user.json('PUT', '/grants', {
    path: `${home}/work`, grantee: ben.name, rights: ['read', 'write']
  });
  const link = await user.post('/shares', {path: `${home}/work`, rights: ['read']});
  const {access_token} = await clara.post(`/shares/${link.id}/open`, {
    secret: new URL(link.url).hash.slice(1)
  });
  const read = await fetch(`${server.url}/api/v1/files/~/plan.txt`, {
    headers: {Authorization: `Bearer ${access_token}`}
  });
  expect(read.status).toBe(200);
  await read.arrayBuffer();
  await ben.send('GET', `/files${home}/work/plan.txt`);
  await ben.json('POST', '/actions/copy', {
    from: `${home}/work`, to: `/${ben.name}/taken`
  });
  await ben.send('PUT', `/files${home}/work/plan.txt?overwrite=true`, {body: 'y'});
  await clara.send('GET', `/files${home}/work/plan.txt`);
  await user.json('POST', '/actions/move', {from: `${home}/work`, to: `${home}/away`});
  await openAs(page, auditor, `/audit/reports/access?path=${home}/work/plan.txt`);
  const region = (name: string) => page.getByRole('region', {name});
  await expect(region('Read').getByRole('row')).toHaveCount(1 + 3);
  await expect(region('Read')).toContainText(`Copied ${home}/work to /${ben.name}/taken`);
  await expect(region('Changed').getByRole('row')).toHaveCount(1 + 3);
  await expect(region('Changed')).toContainText(`Renamed ${home}/work to ${home}/away`);
  await expect(region('Refused or failed').getByRole('row')).toHaveCount(1 + 1);
  const readers = page.getByRole('table', {name: 'Who read'});
  await expect(readers.getByRole('row').filter({hasText: ben.name})).toContainText('2');
  await expect(readers.getByRole('row').filter({hasText: `the link ${link.id}`})).toHaveCount(1);
  await expect(readers.getByRole('row')).toHaveCount(1 + 2);
  const until = new Date().toISOString();
  await user.json('POST', '/actions/move', {from: `${home}/away`, to: `${home}/today`});
  await expect(page.locator('dl').first()).toContainText(/Read\s*3\s*Changed\s*3/);
  await expectAccessible(page);
  // Today's path leads to where the file was.
  await page.goto(`/audit/reports/access?path=${home}/today/plan.txt&from=${from}&to=${until}`);
  await page.getByRole('link', {name: `${home}/away/plan.txt`, exact: true}).click();
  await expect(region('Changed')).toContainText(`Renamed ${home}/work to ${home}/away`);
});

test('who tries to sign in is set apart, also at links', async ({page, admin, server, user}) => {
  const auditor = await makeAuditor(admin, server);
  await user.put('done.txt', 'x');
  for (const password of ['wrong one', 'wrong two'])
    await auditor.send('POST', '/auth/login', {
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({username: user.name, password})
    });
  const share = {path: `/${user.name}/done.txt`, rights: ['read'], password: 'of the link'};
  const link = await user.post('/shares', share);
  const secret = new URL(link.url).hash.slice(1);
  for (const password of [undefined, 'guess'])
    await auditor.send('POST', `/shares/${link.id}/open`, {
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({secret, ...(password && {password})})
    });
  await openAs(page, auditor, `/audit/reports/person?user=${user.name}`);
  const tries = page.getByRole('region', {name: `Tries to sign in as ${user.name}`});
  await expect(tries.getByRole('row')).toHaveCount(1 + 2);
  await expect(tries.getByRole('cell', {name: user.name, exact: true})).toHaveCount(0);
  const own = page.getByRole('region', {name: `Done by ${user.name}`});
  await expect(own.getByRole('cell', {name: user.name, exact: true}).first()).toBeVisible();
  await expect(own).toContainText('done.txt');
  await expect(own).not.toContainText('Failed to sign in');
  await expectAccessible(page);
  await page.goto('/audit/reports/logins');
  const links = page.getByRole('region', {name: 'Tries at links'});
  await expect(links.getByRole('row').filter({hasText: 'password or code was wrong'}))
    .toHaveCount(1);
  const guess = links.getByRole('row').filter({hasText: `a link (${share.path})`});
  await expect(guess).toHaveCount(1);
  // The form that asks for the password is no try.
  await expect(links).not.toContainText('Was asked');
  await expect(page.getByRole('region', {name: 'Failed sign-ins', exact: true}))
    .toContainText(`Failed to sign in as ${user.name}`);
  await expectAccessible(page);
  // The figures count the same by that name.
  const facts = page.locator('.facts > div').filter({hasText: /^Failed sign-ins/});
  const count = await facts.getByRole('definition').textContent();
  expect(Number(count)).toBeGreaterThanOrEqual(2);
  await page.goto('/audit?view=figures');
  await expect(page.getByRole('link', {name: new RegExp(`^${count} ?Failed sign-ins$`)}))
    .toBeVisible();
  await page.goto('/audit?action=share_opened&success=false');
  await expect(page.getByRole('grid')).toContainText(`Failed to open a link (${share.path})`);
  await page.goto('/audit/reports/logins');
  await guess.getByRole('link').click();
  // Where it leads is known from the event that made it.
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('link', {name: share.path}).click();
  await expect(page.getByRole('grid')).toContainText(`Made a link to ${share.path}`);
  await page.goto(`/audit?user=${user.name}&action=login_failed`);
  const row = page.getByRole('grid').getByRole('row').nth(1);
  await expect(row.getByRole('gridcell').nth(1)).toHaveText('–');
  await row.getByRole('link').click();
  await expect(page.getByRole('definition').filter({hasText: 'Nobody signed in'}))
    .toContainText(`as ${user.name}`);
});

test('the actions of a person', async ({page, admin, server, user}) => {
  const auditor = await makeAuditor(admin, server);
  await user.put('done.txt', 'x');
  await openAs(page, auditor, `/audit/reports/person?user=${user.name}&range=24h`);
  const own = page.getByRole('region', {name: `Done by ${user.name}`});
  await expect(own).toContainText('done.txt');
  await own.getByRole('link').last().click();
  await expect(page.getByRole('dialog', {name: /^Event/})).toBeVisible();
  const row = page.getByRole('grid').locator('[aria-current=true]');
  await expect(row).toContainText('done.txt');
  await expect(row).toBeInViewport();
});

test('a report of a person says who made, changed and deleted the account', async ({
  page, admin, server, user
}) => {
  const auditor = await makeAuditor(admin, server);
  await user.put('done.txt', 'x');
  await admin.json('PATCH', `/users/${user.name}`, {role: 'auditor'});
  await admin.json('PATCH', `/users/${user.name}`, {enabled: false});
  await admin.json('DELETE', `/users/${user.name}?purge=true`);
  await openAs(page, auditor, `/audit/reports/person?user=${user.name}&range=24h`);
  const account = page.getByRole('region', {name: 'The account itself'});
  await expect(account.getByRole('row')).toHaveCount(5);
  for (const action of ['user_created', 'role_changed', 'user_disabled', 'user_deleted']) {
    const query = `action=${action}&resource=${user.name}`;
    const {id} = (await auditor.get(`/audit/events?${query}`)).items[0];
    const row = account.getByRole('row').filter({has: page.getByRole('link', {name: String(id)})});
    await expect(row).toContainText('admin');
  }
  const own = page.getByRole('region', {name: `Done by ${user.name}`});
  await expect(own).toContainText('done.txt');
  await expect(own.getByRole('row').filter({hasText: 'admin'})).toHaveCount(0);
  await expectAccessible(page);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', {name: 'CSV'}).click();
  const saved = readFileSync((await (await saving).path())!, 'utf8');
  for (const action of ['user_created', 'user_deleted', 'upload']) expect(saved).toContain(action);
  await account.getByRole('link').last().click();
  await expect(page.getByRole('dialog', {name: /^Event/})).toBeVisible();
});

test('who could see a folder at a time is told by the record, not by what is so now', async ({
  page, admin, server, user
}) => {
  const auditor = await makeAuditor(admin, server);
  const [bert, clara, dora, emil] = [
    await makeUser(admin, server), await makeUser(admin, server), await makeUser(admin, server),
    await makeUser(admin, server)
  ];
  const home = `/${user.name}`;
  const give = (by: Api, path: string, grantee: Api, ...rights: string[]) =>
    by.json('PUT', '/grants', {path, grantee: grantee.name, rights});
  const take = (path: string, grantee: Api) =>
    user.send('DELETE', `/grants?path=${encodeURIComponent(path)}&grantee=${grantee.name}`);
  await user.put('projects/plan.txt', 'x');
  await give(user, `${home}/projects`, bert, 'read', 'share');
  await give(bert, `${home}/projects`, clara, 'read');
  await give(user, home, dora, 'read');
  await give(user, `${home}/projects`, emil, 'read');
  await take(`${home}/projects`, emil);
  await give(user, `${home}/projects/plan.txt`, emil, 'read');
  const link = await user.post('/shares', {path: `${home}/projects`, rights: ['read']});
  const pause = () => new Promise((resolve) => setTimeout(resolve, 30));
  await pause();
  const from = new Date().toISOString();
  await pause();
  const to = new Date().toISOString();
  await pause();
  await user.json('POST', '/actions/move', {from: `${home}/projects`, to: `${home}/work`});
  await take(`${home}/work`, bert);
  await give(user, `${home}/work`, auditor, 'read');
  await admin.send('DELETE', `/users/${dora.name}?purge=true`);
  await user.send('DELETE', `/shares/${link.id}`);

  await openAs(page, auditor, `/audit/reports/seen?path=${home}/projects&from=${from}&to=${to}`);
  const all = page.getByRole('region', {name: 'Could see all of it'});
  const rowOf = (who: string) => all.getByRole('row').filter({hasText: who});
  await expect(rowOf(user.name).filter({hasText: 'Own home'})).toHaveCount(1);
  await expect(rowOf('admin').filter({hasText: 'Administrator'})).toHaveCount(1);
  await expect(rowOf(bert.name).filter({hasText: 'read and share'})).toHaveCount(1);
  await expect(rowOf(clara.name)).toContainText(bert.name);
  await expect(rowOf(dora.name)).toContainText(home);
  await expect(rowOf('Whoever had the link')).toHaveCount(1);
  await expect(all.getByRole('row')).toHaveCount(1 + 6);
  await expect(all).not.toContainText(auditor.name);
  const part = page.getByRole('region', {name: 'Could see a part of it'});
  await expect(part.getByRole('row').filter({hasText: emil.name})).toContainText('plan.txt');
  await expect(page.getByRole('region', {name: 'Events that this rests on'})).toContainText(
    `Gave ${bert.name} rights`);
  await expectAccessible(page);
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', {name: 'CSV'}).click();
  const text = readFileSync(await (await waiting).path(), 'utf8');
  expect(text).toContain('\r\nway,who,rights,path,given_by,since,until,events\r\n');
  expect(text).toContain(`\r\ngrant,${dora.name},read,${home},`);

  // Today's path leads to where the folder was.
  await page.goto(`/audit/reports/seen?path=${home}/work&from=${from}&to=${to}`);
  await page.getByRole('link', {name: `${home}/projects`, exact: true}).click();
  await expect(all.getByRole('row')).toHaveCount(1 + 6);

  // And now.
  await page.goto(`/audit/reports/seen?path=${home}/work&from=${new Date().toISOString()}`);
  await expect(rowOf(auditor.name)).toHaveCount(1);
  await expect(all.getByRole('row')).toHaveCount(1 + 3);
  const moved = part.getByRole('row').filter({hasText: `${home}/work/plan.txt`});
  await expect(moved.getByRole('link', {name: /^\d+$/})).toHaveCount(2); // the grant, the move
  const last = await moved.getByRole('link', {name: /^\d+$/}).last().getAttribute('href');
  expect(await moved.getByRole('link').first().getAttribute('href')).toBe(last);

  // The days are chosen by keyboard.
  await page.getByLabel('Time range').selectOption({label: 'From – to'});
  const day = new Date(from).toLocaleDateString('sv', {timeZone: 'Europe/Berlin'});
  await page.getByLabel('First day').fill(day);
  await page.getByLabel('Last day').fill(day);
  await expect(rowOf(dora.name)).toHaveCount(1);
  await page.getByLabel('Path').fill(`${home}/nothing`);
  await page.keyboard.press('Enter');
  await expect(rowOf(bert.name)).toHaveCount(0);
  await expect(all).toContainText(user.name);
});

test('in German no code of the record is shown as it is', async ({
  browser, admin, server, user
}) => {
  const auditor = await makeAuditor(admin, server);
  await user.put('d/a.txt', 'x');
  await user.json('PUT', '/grants', {
    path: `/${user.name}/d`, grantee: auditor.name, rights: ['read', 'share']
  });
  await user.put('e/a.txt', 'x');
  await user.json('PUT', '/grants', {
    path: `/${user.name}/e`, grantee: auditor.name, rights: ['read']
  });
  await user.send('GET', '/users');
  await user.send('DELETE', `/files/${user.name}/d?recursive=true`);
  await user.post('/auth/keys', {name: 'k', scopes: ['files:read']});
  await user.send('POST', '/auth/login', {
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({username: user.name, password: 'wrong'})
  });
  const {items} = await auditor.get(`/audit/events?user=${user.name}&limit=1000`);
  const context = await browser.newContext({baseURL: server.url, locale: 'de-DE'});
  const page = await context.newPage();
  await page.goto('/login?next=/audit');
  await page.getByLabel('Name').fill(auditor.name);
  await page.getByLabel('Passwort', {exact: true}).fill(auditor.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', {name: 'Protokoll', level: 1})).toBeVisible();
  const known: Record<string, any> =
    Object.fromEntries(items.map((event: any) => [event.action, event]));
  expect(Object.keys(known).length).toBeGreaterThan(6);
  for (const event of Object.values(known)) {
    await page.goto(`/audit?range=all&user=${user.name}&event=${event.id}`);
    const drawer = page.getByRole('dialog', {name: `Ereignis ${event.id}`});
    await expect(drawer.getByText('Zeit', {exact: true})).toBeVisible();
    const text = (await drawer.innerText()).toLowerCase();
    const codes = [event.action, ...Object.keys(event.details)]
      .flatMap((code) => [code, code.replaceAll('_', ' ')])
      .filter((code) => !/^(version|name|format|sha256|filters?|link|upload|download)$/.test(code));
    for (const code of codes)
      expect(text.split('\n').map((line) => line.trim()), `${event.action}: ${code}`)
        .not.toContain(code.toLowerCase());
  }
  await page.goto(`/audit?range=all&user=${user.name}`);
  await expect(page.getByRole('grid')).toContainText('Misslungen');
  await expect(page.getByRole('grid')).not.toContainText(/invalid_credentials|forbidden/);
  await page.goto('/audit/reports/logins');
  await expect(page.getByRole('term').filter({hasText: /^Erstellt$/})).toBeVisible();
  await page.goto('/shared');
  await expect(page.getByRole('button', {name: 'Freigabe verlassen: e'})).toBeVisible();
  await context.close();
});
