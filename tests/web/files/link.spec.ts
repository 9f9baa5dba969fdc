import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import type {Browser, Page} from '@playwright/test';
import {type Api, expect, expectAccessible, test} from '../support/test.ts';

interface Wanted {
  path: string;
  rights?: string[];
  password?: string;
  max_uses?: number;
  note?: string;
}

async function link(user: Api, {path, rights = ['read'], ...others}: Wanted): Promise<string> {
  const body = {path: `/${user.name}/${path}`, rights, ...others};
  return (await user.post('/shares', body)).url;
}

/** Somebody else's browser. */
async function stranger(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage();
}

test('a link is made in the dialog, by mouse, and ended there', async ({
  home, user, browser, watch
}) => {
  watch.allow(/status of 404/);
  await user.put('trip/one.txt', 'one');
  await home.reload();
  await home.getByRole('checkbox', {name: 'Select trip'}).click();
  await home.getByRole('button', {name: 'Share'}).click();
  await expectAccessible(home);
  const secret = home.getByLabel('Password (optional)', {exact: true});
  await secret.fill('short');
  await home.getByRole('button', {name: 'Make link'}).click();
  await expect(home.getByText('Use at least 8 characters.')).toBeInViewport();
  await expect(secret).toBeFocused();
  await secret.fill('open says me');
  await home.getByRole('button', {name: 'Make link'}).click();
  const dialog = home.getByRole('dialog');
  const said = dialog.locator('.said');
  await expect(said).toHaveText('The link is made.');
  await expect(dialog.getByRole('button', {name: 'Copy'})).toBeFocused();
  const url = await dialog.getByRole('status', {name: 'Link'}).innerText();
  expect(url).toMatch(/\/s\/[0-9a-f]{32}#[\w-]{22}$/);
  await expect(home.getByRole('img', {name: 'The link as a QR code'})).toBeVisible();
  await expect(home.getByText('View and download · with a password')).toBeVisible();
  await expectAccessible(home);

  const other = await stranger(browser);
  await other.goto(url);
  await expect(other.getByText('This link is protected.')).toBeVisible();
  await expectAccessible(other);
  await expect(other.getByLabel('Password', {exact: true})).toBeFocused();
  await other.getByLabel('Password', {exact: true}).fill('not this one');
  await other.keyboard.press('Enter');
  await expect(other.getByText('That is not the password.')).toBeVisible();
  await other.getByLabel('Password', {exact: true}).fill('open says me');
  await other.keyboard.press('Enter');
  await expect(other.getByRole('button', {name: 'one.txt', exact: true})).toBeVisible();

  await home.getByRole('button', {name: 'End link'}).click();
  await expect(home.getByText('View and download · with a password')).toBeHidden();
  await expect(said).toHaveText('The link to “trip” has ended.');
  await expect(dialog.getByRole('heading', {name: 'Share “trip”'})).toBeFocused();
  await other.reload();
  await expect(other.getByRole('heading', {name: 'This link does not work'})).toBeVisible();
  await expectAccessible(other);
  await other.context().close();
});

test('people get access by the dialog, by keyboard alone', async ({home, user}) => {
  await user.put('trip/one.txt', 'one');
  await home.reload();
  await home.getByRole('grid').getByRole('row').nth(1).focus();
  await home.keyboard.press('Space');
  await home.getByRole('button', {name: 'Details'}).press('Enter');
  const pane = home.getByRole('complementary', {name: 'Details'});
  await pane.locator('summary', {hasText: 'Who has access'}).press('Enter');
  await expect(pane.getByText('Nobody but its owner.')).toBeVisible();
  await home.getByRole('button', {name: 'Share'}).press('Enter');
  await home.getByRole('tab', {name: 'By link'}).focus();
  await home.keyboard.press('ArrowRight');
  await home.getByLabel('Name of the person').focus();
  await home.keyboard.type('Admin');
  await home.keyboard.press('Tab');
  await home.keyboard.press('ArrowDown');
  await home.keyboard.press('Enter');
  await expect(home.getByRole('listitem').filter({hasText: 'admin'})).toContainText(
    'Also add and change'
  );
  // Whether there is such an account is not told.
  await expect(home.getByText('Access for accounts with these names')).toBeVisible();
  await expect(home.getByText('People who have access')).toBeHidden();
  await expectAccessible(home);
  const grants = (await user.get(`/grants?path=/${user.name}/trip`)).items;
  expect(grants.map((g: {grantee: string; rights: string[]}) => [g.grantee, g.rights])).toEqual([
    ['admin', ['read', 'write']]
  ]);
  // The details tell it as it is, without another look.
  await expect(pane.getByText('admin may read and write')).toBeVisible();
  await home.getByRole('button', {name: 'Take access from admin'}).press('Enter');
  await expect(home.getByRole('button', {name: 'Take access from admin'})).toBeHidden();
  await expect(pane.getByText('Nobody but its owner.')).toBeVisible();
  const body = {path: `/${user.name}/trip`, grantee: 'admin', rights: ['read']};
  await user.json('PUT', '/grants', body);
  await home.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(pane.getByText('admin may read')).toBeVisible();
  await user.json('DELETE', `/grants?path=/${user.name}/trip&grantee=admin`);
  await home.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(pane.getByText('Nobody but its owner.')).toBeVisible();
  expect((await user.get(`/grants?path=/${user.name}/trip`)).items).toEqual([]);
});

test('a stranger walks through a shared folder and takes it along', async ({user, browser}) => {
  await user.put('trip/day/two.txt', 'two');
  for (const name of ['one', 'Album 10', 'Album 9']) await user.put(`trip/${name}.txt`, 'one');
  const page = await stranger(browser);
  await page.goto(await link(user, {path: 'trip', note: 'Our <b>holidays</b>'}));
  await expect(page.getByRole('heading', {name: 'trip'})).toBeVisible();
  await expect(page.getByText('Our <b>holidays</b>')).toBeVisible();
  await expectAccessible(page);
  await expect(page.getByRole('row').locator('button bdi'))
    .toHaveText(['day', 'Album 9.txt', 'Album 10.txt', 'one.txt']);
  // Where there is no room for columns the size stands below the name.
  const size = page.getByRole('row').filter({hasText: 'one.txt'}).getByText(/^3 B/);
  await expect(size.filter({visible: true})).toHaveText(['3 B']);
  await page.setViewportSize({width: 360, height: 800});
  await expect(size.filter({visible: true})).toHaveText([/^3 B · /]);
  await page.setViewportSize({width: 1280, height: 800});
  await page.getByRole('button', {name: 'day', exact: true}).click();
  await expect(page.getByRole('button', {name: 'Download day'})).toBeVisible();
  await page.getByRole('button', {name: 'two.txt', exact: true}).click();
  await expect(page.getByRole('dialog').getByText('two', {exact: true})).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', {name: 'trip', exact: true}).click();
  await expect(page.getByRole('button', {name: 'one.txt', exact: true})).toBeVisible();
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', {name: 'Download all'}).click();
  const download = await waiting;
  expect(download.suggestedFilename()).toBe('trip.zip');
  expect(readFileSync(await download.path()).includes('day/two.txt')).toBe(true);
  await page.context().close();
});

test('a stranger goes back and forward through folders and previews', async ({user, browser}) => {
  await user.put('trip/day & <night>/deep/two.txt', 'two');
  await user.put('trip/day & <night>/one.txt', 'one');
  const page = await stranger(browser);
  await page.goto('about:blank');
  await page.goto(await link(user, {path: 'trip'}));
  const there = (name: string) => page.getByRole('grid').getByRole('button', {name, exact: true});
  const path = page.getByRole('navigation', {name: 'Folder path'});
  const row = (name: string) => page.getByRole('row').filter({hasText: name});
  await there('day & <night>').click();
  await expect(row('deep')).toBeFocused();
  await there('deep').press('Enter');
  await expect(path.getByRole('button')).toHaveText(['trip', 'day & <night>', 'deep']);
  await expect(row('two.txt')).toBeFocused();
  await there('two.txt').click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('two', {exact: true})).toBeVisible();
  await page.goBack();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('row').filter({hasText: 'two.txt'})).toBeFocused();
  // A reload of the address keeps the folder, and so does another browser.
  await page.reload();
  await expect(there('two.txt')).toBeVisible();
  await expect(path.getByRole('button')).toHaveText(['trip', 'day & <night>', 'deep']);
  const another = await stranger(browser);
  await another.goto(page.url());
  await expect(another.getByRole('button', {name: 'two.txt', exact: true})).toBeVisible();
  await another.context().close();
  await page.goBack();
  await expect(there('one.txt')).toBeVisible();
  await expect(row('deep')).toBeFocused();
  await page.goBack();
  await expect(there('day & <night>')).toBeVisible();
  await expect(row('day & <night>')).toBeFocused();
  await expect(path).toBeHidden();
  await page.goForward();
  await expect(there('one.txt')).toBeVisible();
  await path.getByRole('button', {name: 'trip'}).click();
  await expect(there('day & <night>')).toBeVisible();
  await page.goBack(); // to where one came up from
  await expect(there('one.txt')).toBeVisible();
  await page.context().close();
});

test('who is signed in takes a shared folder along too', async ({home, user}) => {
  await user.put('trip/one.txt', 'one');
  await home.goto(await link(user, {path: 'trip'}));
  await expect(home.getByRole('button', {name: 'one.txt', exact: true})).toBeVisible();
  const waiting = home.waitForEvent('download');
  await home.getByRole('button', {name: 'Download all'}).click();
  const download = await waiting;
  expect(readFileSync(await download.path()).includes('trip/one.txt')).toBe(true);
});

test('a shared file is shown, and downloads by its name', async ({user, browser}) => {
  await user.put('letter.txt', 'Dear reader');
  const page = await stranger(browser);
  await page.goto(await link(user, {path: 'letter.txt'}));
  await expect(page.getByText('Dear reader')).toBeVisible();
  await expectAccessible(page);
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', {name: 'Download'}).click();
  expect((await waiting).suggestedFilename()).toBe('letter.txt');
  await page.context().close();
});

test('a drop box takes files and tells nothing', async ({user, browser}) => {
  await user.put('box/secret name.txt', 'x');
  const page = await stranger(browser);
  await page.goto(await link(user, {path: 'box', rights: ['create']}));
  await expect(page.getByRole('heading', {name: 'Add files here'})).toBeVisible();
  await expectAccessible(page);
  const content = Buffer.from('from outside');
  await page.locator('input[type=file][multiple]').setInputFiles([
    {name: 'gift.txt', mimeType: 'text/plain', buffer: content}
  ]);
  await expect(page.getByText('One file uploaded')).toBeVisible();
  await expect(page.getByText('secret name')).toHaveCount(0);
  const stored = await user.send('GET', `/files/${user.name}/box/gift.txt`);
  expect(await stored.text()).toBe('from outside');
  await page.context().close();
});

test('a stranger who may read and add picks a folder', async ({user, browser}) => {
  await user.folder('box');
  const page = await stranger(browser);
  await page.goto(await link(user, {path: 'box', rights: ['read', 'create']}));
  const folder = mkdtempSync(join(tmpdir(), 'baluhost-album-'));
  writeFileSync(join(folder, 'a.txt'), 'a');
  const chosen = page.waitForEvent('filechooser');
  await page.getByRole('button', {name: 'Upload folder'}).click();
  await (await chosen).setFiles(folder);
  await expect(page.getByText('One file uploaded')).toBeVisible();
  const path = `/files/${user.name}/box/${basename(folder)}/a.txt`;
  await expect.poll(async () => (await user.send('GET', path)).status).toBe(200);
  await expect(page.getByRole('grid').getByText(basename(folder))).toBeVisible();
  rmSync(folder, {recursive: true});
  await page.context().close();
});

test('a link without its secret, or used up, says what to do', async ({user, browser}) => {
  await user.put('letter.txt', 'Dear reader');
  const url = await link(user, {path: 'letter.txt', max_uses: 1});
  const page = await stranger(browser);
  await page.goto(url.replace(/#.*/, '#wrong'));
  await expect(page.getByText('A part of the address may be missing.')).toBeVisible();
  // Of a whole address that is not all that it may be.
  await page.goto(url.replace(/#.*/, `#${'w'.repeat(22)}`));
  await page.reload();
  await expect(page.getByText('Or what it led to is gone')).toBeVisible();
  await expectAccessible(page);
  const another = await stranger(browser);
  await another.goto(url);
  await expect(another.getByText('Dear reader')).toBeVisible();
  await another.reload();
  await expect(another.getByText('It has ended, or was used as often')).toBeVisible();
  await page.context().close();
  await another.context().close();
});

test('a link that is ended while it is open says so', async ({user, browser}) => {
  await user.folder('trip/day');
  const url = await link(user, {path: 'trip'});
  const page = await stranger(browser);
  await page.goto(url);
  await expect(page.getByText('day')).toBeVisible();
  await user.send('DELETE', `/shares/${/s\/([^#]+)/.exec(url)![1]}`);
  await page.getByRole('button', {name: 'day', exact: true}).click();
  await expect(page.getByText('This link does not work')).toBeVisible();
  await expect(page.getByText('This sign-in has ended')).toHaveCount(0);
  await page.context().close();
});

test('who downloads by a link that was ended meanwhile is told that', async ({user, browser}) => {
  await user.put('trip/letter.txt', 'Dear reader');
  for (const path of ['trip', 'trip/letter.txt']) {
    const url = await link(user, {path});
    const page = await stranger(browser);
    await page.goto(url);
    const get = page.locator('header').getByRole('button', {name: /^Download/});
    await expect(get).toBeVisible();
    await user.send('DELETE', `/shares/${/s\/([^#]+)/.exec(url)![1]}`);
    await get.click();
    await expect(page.getByText('This link does not work')).toBeVisible();
    await expect(get).toBeHidden();
    await expect(page.getByText('This sign-in has ended')).toHaveCount(0);
    await page.context().close();
  }
});
