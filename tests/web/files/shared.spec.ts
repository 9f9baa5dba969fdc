import type {Page} from '@playwright/test';
import {type Api, expect, expectAccessible, makeUser, test} from '../support/test.ts';

// axe looks at each state four times.
test.describe.configure({timeout: 150_000});

const section = (page: Page, name: string) => page.getByRole('region', {name, exact: true});

async function grant(from: Api, path: string, grantee: string, rights: string[]) {
  await from.json('PUT', '/grants', {path: `/${from.name}/${path}`, grantee, rights});
}

test('where nothing is shared it says what to do', async ({home, user}) => {
  await home.getByRole('link', {name: 'Shared'}).click();
  await expect(home.getByRole('heading', {name: 'Shared', level: 1})).toBeVisible();
  await expect(home.getByText(`Who wants to needs your name: ${user.name}.`)).toBeVisible();
  await expect(home.getByText('You share nothing with anybody.')).toBeVisible();
  await expect(home.getByText('You have made no links.')).toBeVisible();
  await expectAccessible(home);
});

test('what others granted leads there, and is given up by keyboard', async ({
  home, admin, server, user
}) => {
  const bert = await makeUser(admin, server);
  await bert.put('Plans & <i>more/house.txt', 'hello');
  await grant(bert, 'Plans & <i>more', user.name, ['read', 'write']);
  await grant(bert, 'Plans & <i>more/house.txt', user.name, ['read', 'delete']);
  await home.goto('/shared');
  const mine = section(home, 'Shared with you');
  const rows = mine.getByRole('listitem');
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText('May read and write');
  await expect(rows.first()).toContainText(`Given by ${bert.name}`);
  await expectAccessible(home);
  await mine.getByRole('link', {name: 'house.txt'}).click();
  await expect(home.getByRole('dialog').getByText('hello')).toBeVisible();
  await home.goto('/shared');
  await mine.getByRole('link', {name: 'Plans & <i>more'}).click();
  await expect(home.getByText('house.txt')).toBeVisible();
  await home.goBack();

  await mine.getByRole('button', {name: 'Give up: house.txt'}).focus();
  await home.keyboard.press('Enter');
  await expect(home.getByRole('dialog')).toContainText('Give up your rights on “house.txt”?');
  await expectAccessible(home);
  await home.getByRole('dialog').getByRole('button', {name: 'Give up'}).focus();
  await home.keyboard.press('Enter');
  await expect(rows).toHaveCount(1);
  expect((await user.get(`/grants?grantee=${user.name}`)).items).toHaveLength(1);
});

test('rights that I gave are changed and ended', async ({home, admin, server, user}) => {
  const bert = await makeUser(admin, server);
  await user.folder('Photos');
  await grant(user, 'Photos', bert.name, ['read']);
  await home.goto('/shared');
  const people = section(home, 'People you share with');
  await expect(people.getByRole('listitem')).toContainText(`with ${bert.name}`);
  await people.getByRole('button', {name: /^Change/}).click();
  const dialog = home.getByRole('dialog');
  await dialog.getByLabel('Read').uncheck();
  await dialog.getByRole('button', {name: 'Save'}).click();
  await expect(dialog.getByText('Choose at least one, or end the sharing.')).toBeVisible();
  await expectAccessible(home);
  await dialog.getByLabel('Read').focus();
  await home.keyboard.press('Space');
  await dialog.getByLabel('Delete').focus();
  await home.keyboard.press('Space');
  await home.keyboard.press('Enter');
  await expect(people.getByRole('listitem')).toContainText('May read and delete');
  const [given] = (await bert.get(`/grants?grantee=${bert.name}`)).items;
  expect(given.rights).toEqual(['read', 'delete']);

  await people.getByRole('button', {name: /^End/}).click();
  await dialog.getByRole('button', {name: 'End', exact: true}).click();
  await expect(people.getByText('You share nothing with anybody.')).toBeVisible();
  expect((await bert.get(`/grants?grantee=${bert.name}`)).items).toEqual([]);
});

test('what I gave on of others’ stands there too', async ({home, admin, server, user}) => {
  const bert = await makeUser(admin, server);
  const cleo = await makeUser(admin, server);
  await bert.folder('Plans');
  await grant(bert, 'Plans', user.name, ['read', 'share']);
  await user.json('PUT', '/grants', {
    path: `/${bert.name}/Plans`, grantee: cleo.name, rights: ['read']
  });
  await home.goto('/shared');
  const row = section(home, 'People you share with').getByRole('listitem');
  await expect(row).toHaveCount(1);
  await expect(row).toContainText(`with ${cleo.name}`);
});

test('a link is changed, gets a new address, and ends', async ({home, server, user, watch}) => {
  watch.allow(/status of 4/);
  await user.put('Letters/a.txt', 'hello');
  const made = await user.post('/shares', {
    path: `/${user.name}/Letters`, rights: ['read'], max_uses: 5, note: '<script>x</script>'
  });
  const [, secret] = made.url.split('#');
  const open = (it: string, more = {}) => fetch(`${server.url}/api/v1/shares/${made.id}/open`, {
    method: 'POST', headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({secret: it, ...more})
  });
  expect((await open(secret)).status).toBe(200);
  await home.goto('/shared');
  const links = section(home, 'Links');
  const row = links.getByRole('listitem');
  await expect(row).toContainText('View and download');
  await expect(row).toContainText('used 1 of 5 times');
  await expect(row).toContainText('<script>x</script>');

  await row.getByRole('button', {name: 'Change link: Letters'}).focus();
  await home.keyboard.press('Enter');
  const dialog = home.getByRole('dialog');
  await dialog.getByLabel('View, download and add files').check();
  await dialog.getByLabel('Last day').fill('2020-01-01');
  await dialog.getByLabel('How often at most?').fill('0');
  await dialog.getByLabel('Password').selectOption('Ask for a password');
  await home.keyboard.press('Tab');
  await dialog.getByLabel('How often at most?').press('Enter');
  await expect(dialog.getByText('Choose a day to come.')).toBeVisible();
  await expect(dialog.getByText('Enter a whole number from 1, or nothing.')).toBeVisible();
  await expect(dialog.getByText('Enter a password.')).toBeVisible();
  await expectAccessible(home);
  await dialog.getByLabel('Last day').fill('');
  await dialog.getByLabel('How often at most?').fill('');
  await dialog.getByLabel('Password of the link').fill('swordfish and chips');
  await dialog.getByLabel('How much may be added?', {exact: true}).fill('1.5');
  await dialog.getByLabel('Note').fill('for <b>you</b>');
  await dialog.getByRole('button', {name: 'Save'}).click();
  await expect(row).toContainText('View, download and add files · with a password');
  await expect(row).toContainText('at most 1.5 MiB');
  await expect(row).toContainText('No end · used once');
  expect((await open(secret)).status).toBe(401);
  expect((await open(secret, {password: 'swordfish and chips'})).status).toBe(200);

  await row.getByRole('button', {name: 'New address: Letters'}).click();
  await expect(dialog).toContainText('The address that people have now stops working at once.');
  await dialog.getByRole('button', {name: 'New address'}).click();
  const address = dialog.getByRole('status', {name: 'Address'});
  await expect(address).toHaveText(/\/s\/[0-9a-f]{32}#[\w-]{22}$/);
  await expect(dialog.getByRole('img', {name: 'QR code of the address'})).toBeVisible();
  await expectAccessible(home);
  const fresh = (await address.innerText()).split('#')[1]!;
  await home.keyboard.press('Escape');
  expect((await open(secret)).status).toBe(404);
  expect((await open(fresh, {password: 'swordfish and chips'})).status).toBe(200);

  await row.getByRole('button', {name: 'End link: Letters'}).focus();
  await home.keyboard.press('Enter');
  await dialog.getByRole('button', {name: 'End', exact: true}).focus();
  await home.keyboard.press('Enter');
  await expect(links.getByText('You have made no links.')).toBeVisible();
  expect((await open(fresh)).status).toBe(410);
});

test('a link that ended, or is used up, says so', async ({home, user}) => {
  await user.put('a.txt', 'hello');
  const path = `/${user.name}/a.txt`;
  const made = await user.post('/shares', {path, rights: ['read'], max_uses: 1});
  const [, secret] = made.url.split('#');
  await user.post(`/shares/${made.id}/open`, {secret});
  await home.goto('/shared');
  await expect(section(home, 'Links').getByText('Used up')).toBeVisible();
  await expectAccessible(home);
  // The dialog tells the same of each, and enough to know it by.
  const [soon, near] = [1000, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString());
  const over = {path, rights: ['read'], note: 'for Bert'};
  await user.post('/shares', {...over, expires_at: soon});
  await user.post('/shares', {path, rights: ['read'], expires_at: near, note: 'for Cleo'});
  await expect.poll(() => Date.now() > Date.parse(soon!)).toBe(true);
  await home.goto(`/files/${user.name}`);
  await home.getByRole('checkbox', {name: 'Select a.txt'}).click();
  await home.getByRole('button', {name: 'Share'}).click();
  const rows = home.getByRole('dialog').getByRole('list', {name: 'Links'}).getByRole('listitem');
  await expect(rows).toHaveCount(3);
  const of = (text: string) => rows.filter({hasText: text});
  await expect(of('for Cleo')).toContainText(/^\s*Open.*Ends .*\d\d:\d\d · .* · made \d\d:\d\d/);
  await expect(of('for Bert')).toContainText(/^\s*Ended.*Ended .*\d\d:\d\d/);
  await expect(of('used 1 of 1 times')).toContainText('Used up');
  await expect(home.getByRole('dialog').getByText('Links that are open')).toBeHidden();
  await expectAccessible(home);
});

test('what is in the trash is told of its link, and what is there is shown', async ({
  home, user
}) => {
  await user.put('gone/a.txt', 'hello');
  await user.put('here.txt', 'still here');
  for (const name of ['gone/a.txt', 'here.txt'])
    await user.post('/shares', {path: `/${user.name}/${name}`, rights: ['read']});
  await user.send('DELETE', `/files/${user.name}/gone?recursive=true`);
  // Something else is there by now, with a link of its own.
  await user.put('gone/a.txt', 'another');
  await user.post('/shares', {path: `/${user.name}/gone/a.txt`, rights: ['read'], note: 'new'});
  await home.goto('/shared');
  const rows = section(home, 'Links').getByRole('listitem');
  await expect(rows).toHaveCount(3);
  const lost = rows.filter({hasText: 'In the trash'});
  await expect(lost).toHaveCount(1);
  await expect(lost).not.toContainText('new');
  await expect(lost).toContainText('a.txt');
  await expectAccessible(home);
  await rows.getByRole('link', {name: 'here.txt'}).click();
  await expect(home.getByRole('dialog').getByText('still here')).toBeVisible();
  await home.goto('/shared');
  await lost.getByRole('link', {name: 'a.txt'}).click();
  await expect(home).toHaveURL(/\/trash$/);
});

test('whom one cannot share with is said in words, and nothing that is known is refused', async ({
  home, admin, server, user, watch
}) => {
  watch.allow(/status of 40[03]/);
  const bert = await makeUser(admin, server);
  await bert.put('plans/house.txt', 'x');
  await grant(bert, 'plans', user.name, ['read', 'share']);
  const [cara, dora] = [await makeUser(admin, server), await makeUser(admin, server)];
  await grant(bert, 'plans/house.txt', cara.name, ['read']);
  await home.goto(`/files/${bert.name}/plans`);
  await home.getByRole('checkbox', {name: 'Select house.txt'}).click();
  await home.getByRole('button', {name: 'Share'}).click();
  await home.getByRole('tab', {name: 'With people'}).click();
  const dialog = home.getByRole('dialog');
  const name = dialog.getByLabel('Name of the person');
  const failed = async () => (await user.get('/audit/events?success=false')).items.length;
  for (const [who, says] of [
    [user.name.toUpperCase(), 'This is you. Enter the name of somebody else.'],
    [bert.name, `It belongs to ${bert.name}, who has all rights already.`]
  ] as const) {
    await name.fill(who);
    await name.press('Enter');
    await expect(dialog.getByText(says)).toBeVisible();
    await expect(name).toBeFocused();
  }
  expect(await failed()).toBe(0);
  await expectAccessible(home);
  await name.fill('two words');
  await name.press('Enter');
  await expect(dialog.getByText('Nobody of that name has an account.')).toBeVisible();
  await name.fill(cara.name);
  await name.press('Enter');
  await expect(dialog.getByText(`Somebody else gave ${cara.name} access here.`)).toBeVisible();
  await name.fill(dora.name);
  await name.press('Enter');
  await expect(dialog.getByRole('button', {name: `Take access from ${dora.name}`})).toBeVisible();
  await expect(dialog.getByText('Somebody else')).toBeHidden();
  // What was said of one is not left standing beside what is wrong with the next.
  await expect(dialog.locator('.said')).toContainText(`Given to ${dora.name}`);
  await name.press('Enter');
  await expect(dialog.getByText('Enter a name.')).toBeVisible();
  await expect(dialog.locator('.said')).not.toContainText('Given');
});

test('why a link cannot be made is said in words', async ({home, user, watch}) => {
  watch.allow(/status of 4/);
  await user.put('b.md', 'x');
  await home.reload();
  await home.getByRole('checkbox', {name: 'Select b.md'}).click();
  await home.getByRole('button', {name: 'Share'}).click();
  const dialog = home.getByRole('dialog');
  const make = async (status: number, code: string, errors?: object[]) => {
    await home.unrouteAll();
    await home.route('**/api/v1/shares', (route) => route.fulfill({
      status, contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'about:blank', title: 'x', status, detail: 'raw', code, request_id: 'r', errors
      })
    }));
    await dialog.getByRole('button', {name: 'Make link'}).click();
  };
  await make(413, 'quota_exceeded');
  await expect(dialog.getByRole('alert')).toHaveText(
    'You have as many links as an account may have. End one before you make another.');
  await make(400, 'invalid_request', [
    {pointer: '/expires_at', detail: 'must be in 14 days at the latest'}
  ]);
  await expect(dialog.getByRole('alert')).toHaveText('A link may last 14 days at most here.');
  for (const uses of ['9007199254740993', '0', '-1', '1.5']) {
    await dialog.getByLabel('Number of uses (optional)').fill(uses);
    await dialog.getByRole('button', {name: 'Make link'}).click();
    await expect(dialog.getByText('Enter a whole number from 1, or nothing.')).toBeVisible();
  }
});
