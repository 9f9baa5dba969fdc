// Small files that a reload kept from being sent: which those are, and how they are sent then.
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Page} from '@playwright/test';
import {messages} from '../support/files.ts';
import {expect, expectAccessible, test} from '../support/test.ts';

const tray = (page: Page) => page.getByRole('region', {name: 'Uploads'});
const files = (page: Page) => page.getByLabel('Upload files');
const directory = (page: Page) => page.getByLabel('Upload folder');

let folder = '';
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baluhost-unsent-'));
});
test.afterEach(() => rmSync(folder, {recursive: true, force: true}));

function file(path: string, content = path): string {
  const whole = join(folder, path);
  mkdirSync(join(whole, '..'), {recursive: true});
  writeFileSync(whole, content);
  return whole;
}

async function choose(page: Page, button: string, paths: string | string[]) {
  const chosen = page.waitForEvent('filechooser');
  await tray(page).getByRole('button', {name: button, exact: true}).click();
  await (await chosen).setFiles(paths);
}

/** Nothing of `names` arrives; the page is loaded anew once all others are there. */
async function holdUp(page: Page, names: RegExp, there: number, begin: () => Promise<void>) {
  const held = (url: URL) => names.test(url.pathname);
  await page.route(held, (route) => (route.request().method() === 'PUT' ? undefined
                                                                         : route.fallback()));
  const asked = page.waitForRequest((request) =>
    request.method() === 'PUT' && held(new URL(request.url())));
  await begin();
  await asked;
  await expect(tray(page).getByText('Uploaded', {exact: true})).toHaveCount(there);
  page.once('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await page.unroute(held);
}

test('how many small files were not sent is said, and only those are sent then', async ({
  home, user, context
}) => {
  for (let i = 0; i < 6; ++i) file(`album/${i}.txt`);
  const pick = () => directory(home).setInputFiles(join(folder, 'album'));
  await holdUp(home, /album\/[13]\.txt$/, 4, pick);
  const said = tray(home).getByText(`2 files were not sent to ${user.name}. Choose them again.`);
  await expect(said).toBeVisible();
  await expect(tray(home).getByText('album: 1.txt, 3.txt')).toBeVisible();
  await expect(home.locator('section.tray h2')).toHaveText('2 uploads wait for you');
  await expectAccessible(home);
  const sent: string[] = [];
  home.on('request', (request) => {
    if (request.method() === 'PUT') sent.push(new URL(request.url()).pathname.slice(-5));
  });
  await choose(home, 'Choose folder', join(folder, 'album'));
  await expect(tray(home).getByText('2 files uploaded')).toBeVisible();
  expect(sent.sort()).toEqual(['1.txt', '3.txt']);
  await expect(said).toBeHidden();
  const other = await context.newPage();
  await other.goto('/');
  await expect(other.getByRole('grid').getByText('album')).toBeVisible();
  await expect(tray(other)).toBeHidden();
  await other.close();
});

test('what was not sent is picked again as ever, or given up', async ({home, user, context}) => {
  const path = file('a.txt');
  await holdUp(home, /a\.txt$/, 0, () => files(home).setInputFiles([path]));
  const said = tray(home).getByText(/^One file was not sent/);
  await expect(said).toBeVisible();
  await files(home).setInputFiles([path]);
  await expect(tray(home).getByText('One file uploaded')).toBeVisible();
  await expect(said).toBeHidden();
  const held = file('b.txt');
  await home.route(/b\.txt\?/, (route) => (route.request().method() === 'PUT' ? undefined
                                                                              : route.fallback()));
  const asked = home.waitForRequest(/b\.txt\?/);
  await files(home).setInputFiles([held]);
  await asked;
  const other = await context.newPage();
  await other.goto('/');
  await expect(other.getByRole('grid').getByText('a.txt')).toBeVisible();
  await expect(tray(other)).toBeHidden(); // a tab sends it
  await other.close();
  home.once('dialog', (dialog) => void dialog.accept());
  await home.reload();
  await expect(said).toBeVisible();
  await tray(home).getByRole('button', {name: 'Do not send b.txt'}).click();
  const asks = home.getByRole('dialog', {name: 'End one upload?'});
  await expect(asks).toContainText(/Not sent, and not asked for again:\s*b\.txt/);
  await expectAccessible(home);
  await home.keyboard.press('Escape');
  await expect(said).toBeVisible();
  await tray(home).getByRole('button', {name: 'Do not send b.txt'}).click();
  await asks.getByRole('button', {name: 'End upload'}).click();
  await expect(tray(home)).toBeHidden();
  await home.reload();
  await expect(home.getByRole('grid').getByText('a.txt')).toBeVisible();
  await expect(tray(home)).toBeHidden();
  expect((await user.get(`/dirs/${user.name}`)).items.length).toBe(1);
});

test('what is missing is named, and taken file by file, wherever it is chosen', async ({
  home, user, watch
}) => {
  watch.allow(/status of 403/);
  const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => file(`${name}.txt`));
  const [, , c, d, e, f] = all as [string, string, string, string, string, string];
  const other = file('x.txt');
  await holdUp(home, /[c-f]\.txt$/, 2, () => files(home).setInputFiles(all));
  const batch = tray(home).getByRole('listitem').filter({hasText: /not sent to/});
  await expect(batch).toContainText(/c\.txt, d\.txt and 2 more.*4 files were not sent/s);
  await expectAccessible(home);

  await choose(home, 'Choose files', [other]);
  const wrong = messages(home).getByText('Not among the files that are missing: x.txt');
  await expect(wrong).toBeVisible();
  await expect(batch).toContainText('c.txt, d.txt and 2 more');
  await choose(home, 'Choose files', [c, other]);
  await expect(tray(home).getByText('Uploaded', {exact: true})).toHaveCount(1);
  await expect(batch).toContainText(/d\.txt, e\.txt, f\.txt.*3 files were not sent/s);
  await files(home).setInputFiles([d]);
  await expect(batch).toContainText(/e\.txt, f\.txt.*2 files were not sent/s);

  // What fails then is asked for again by the next page.
  await home.route(/\/e\.txt\?/, (route) => route.fulfill({status: 403, json: {}}));
  await choose(home, 'Choose files', [e]);
  await expect(tray(home).locator('.failed')).toContainText('e.txt');
  await expect(batch).toContainText(/f\.txt.*One file was not sent/s);
  await home.reload();
  await expect(batch).toHaveCount(1);
  await expect(batch).toContainText(/f\.txt, e\.txt.*2 files were not sent/s);
  await home.unroute(/\/e\.txt\?/);
  await choose(home, 'Choose files', [e, f]);
  await expect(tray(home).getByText('2 files uploaded')).toBeVisible();
  await expect(batch).toBeHidden();
  const {items} = await user.get(`/dirs/${user.name}`);
  expect(items.map(({name}: {name: string}) => name))
    .toEqual(['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt', 'f.txt']);
  await home.reload();
  await expect(home.getByRole('grid').getByText('a.txt')).toBeVisible();
  await expect(tray(home)).toBeHidden();
});

test('another folder is none that is missing, and other tabs follow', async ({home, context}) => {
  for (const path of ['album/1.txt', 'album/2.txt', 'other/1.txt']) file(path);
  await holdUp(home, /album\/2\.txt$/, 1,
               () => directory(home).setInputFiles(join(folder, 'album')));
  const tab = await context.newPage();
  await tab.goto('/');
  for (const page of [home, tab])
    await expect(tray(page).getByText('album: 2.txt')).toBeVisible();
  await home.bringToFront();
  await choose(home, 'Choose folder', join(folder, 'other'));
  await expect(messages(home).getByText('Not among the files that are missing: other'))
    .toBeVisible();
  await expect(tray(tab).getByText('album: 2.txt')).toBeVisible();
  await choose(home, 'Choose folder', join(folder, 'album'));
  await expect(tray(home).getByText('One file uploaded')).toBeVisible();
  await expect(tray(tab)).toBeHidden();
  await tab.close();
});

test('of very many that are missing the folder is named', async ({home, user}) => {
  for (let i = 0; i < 2100; ++i) file(`album/${i}.txt`, '');
  const pick = () => directory(home).setInputFiles(join(folder, 'album'));
  await holdUp(home, /album/, 0, pick);
  const line = tray(home).getByRole('listitem');
  const said = `album2,100 files were not sent to ${user.name}. Choose them again.`;
  await expect(line).toContainText(new RegExp(said.replace('album', 'album\\s*')));
  // Chosen again it is kept in mind as one, still.
  await holdUp(home, /album/, 0, () => choose(home, 'Choose folder', join(folder, 'album')));
  await expect(line).toHaveCount(1);
  await expect(line).toContainText('2,100 files were not sent');
});

test('what is missing is written a few times a second at most', async ({home}) => {
  await home.evaluate(() => {
    const page = window as unknown as {writes: number};
    page.writes = 0;
    const {setItem} = Storage.prototype;
    Storage.prototype.setItem = function (key, value) {
      if (key.startsWith('baluhost.unsent')) page.writes += 1;
      setItem.call(this, key, value);
    };
  });
  const begun = Date.now();
  await files(home).setInputFiles(Array.from({length: 120}, (_, i) => file(`${i}.txt`)));
  await expect(tray(home).getByText('120 files uploaded')).toBeVisible({timeout: 60_000});
  const writes = await home.evaluate(() => (window as unknown as {writes: number}).writes);
  expect(writes).toBeGreaterThan(0);
  expect(writes).toBeLessThan(3 + (Date.now() - begun) / 250);
});

test('a stranger is told the name of what was shared', async ({user, browser}) => {
  await user.folder('inbox');
  const share = {path: `/${user.name}/inbox`, rights: ['create']};
  const {url} = await user.post('/shares', share);
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  const path = file('a.txt');
  const input = page.locator('input[type=file][aria-label="Upload files"]');
  await holdUp(page, /a\.txt$/, 0, () => input.setInputFiles([path]));
  await expect(tray(page).getByText('One file was not sent to inbox.')).toBeVisible();
  await choose(page, 'Choose file', [path]);
  await expect(tray(page).getByText('One file uploaded')).toBeVisible();
  expect((await user.get(`/dirs/${user.name}/inbox`)).items.length).toBe(1);
  await page.context().close();
});
