// Uploads that a reload cut off: with which file, and for which place, they go on.
import {createHash, randomBytes} from 'node:crypto';
import {mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Page} from '@playwright/test';
import {messages} from '../support/files.ts';
import {type Api, expect, expectAccessible, test} from '../support/test.ts';

const tray = (page: Page) => page.getByRole('region', {name: 'Uploads'});
const files = (page: Page) => page.locator('input[type=file][multiple]');
const directory = (page: Page) => page.getByLabel('Upload folder');
const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const kSize = 20 * 1024 * 1024;

let folder = '';
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baluhost-resumed-'));
});
test.afterEach(() => rmSync(folder, {recursive: true, force: true}));

/** All have one time. */
function file(path: string, content: Uint8Array): string {
  const whole = join(folder, path);
  mkdirSync(join(whole, '..'), {recursive: true});
  writeFileSync(whole, content);
  utimesSync(whole, 1_700_000_000, 1_700_000_000);
  return whole;
}

/** Sends with `begin` over a slow line, and loads the page anew when the server has parts of all
 *  `count`. */
async function cutOff(page: Page, user: Api, count: number, begin: () => Promise<void>) {
  const line = await page.context().newCDPSession(page);
  await line.send('Network.enable');
  const limit = (uploadThroughput: number) => line.send('Network.emulateNetworkConditions', {
    offline: false, latency: 5, downloadThroughput: -1, uploadThroughput
  });
  await limit(4 * 1024 * 1024);
  await begin();
  const begun = async () => (await user.get('/uploads')).items
    .filter((item: {offset: number}) => item.offset > 1_000_000).length;
  await expect.poll(begun, {timeout: 60_000}).toBe(count);
  page.once('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await limit(-1);
  await expect(tray(page).getByText(/^It was interrupted/)).toHaveCount(count);
}

const stored = async (user: Api, path: string) =>
  (await user.get(`/meta/${user.name}/${path}`)).sha256;

test('what lies in another folder of one that was picked is another file', async ({
  home, user
}) => {
  const contents = {d1: randomBytes(kSize), d2: randomBytes(kSize)};
  const put = (name: 'd1' | 'd2') => file(`pair/${name}/x.bin`, contents[name]);
  put('d1');
  put('d2');
  const pick = () => directory(home).setInputFiles(join(folder, 'pair'));
  const arrived = (name: 'd1' | 'd2') =>
    expect.poll(() => stored(user, `pair/${name}/x.bin`).catch(() => ''), {timeout: 30_000})
      .toBe(sha256(contents[name]));
  await cutOff(home, user, 2, pick);
  // What was begun first is not picked: the other would be taken for it.
  const [begun] = await home.evaluate(() => JSON.parse(localStorage.getItem('baluhost.uploads')!));
  const gone = begun.path.includes('/d1/') ? 'd1' : 'd2';
  const left = gone === 'd1' ? 'd2' : 'd1';
  rmSync(join(folder, 'pair', gone), {recursive: true});
  await pick();
  await arrived(left);
  await expect(tray(home).getByText(/^It was interrupted/)).toHaveCount(1);
  await expect(tray(home).getByText(new RegExp(`interrupted.*20 MiB, ${gone}`))).toBeVisible();
  put(gone);
  await pick();
  await arrived(gone);
  expect((await user.get('/uploads')).items).toEqual([]);
});

test('one of the same name, size and time that holds something else is sent anew', async ({
  home, user
}) => {
  const path = file('x.bin', randomBytes(kSize));
  await cutOff(home, user, 1, () => files(home).setInputFiles([path]));
  const other = randomBytes(kSize);
  file('x.bin', other);
  const choose = async () => {
    const chosen = home.waitForEvent('filechooser');
    await tray(home).getByRole('button', {name: 'Choose file'}).click();
    await (await chosen).setFiles([path]);
  };
  await choose();
  await expect(messages(home).getByText(/^That is another file/)).toBeVisible();
  await files(home).setInputFiles([path]);
  await expect(messages(home).getByText(/something else is in it/)).toBeVisible();
  await expect.poll(() => stored(user, 'x.bin').catch(() => '')).toBe(sha256(other));
  await expect(tray(home).getByText(/^It was interrupted/)).toBeVisible();
});

test('one that differs in a single byte of what was sent is sent anew', async ({home, user}) => {
  const content = randomBytes(kSize);
  const path = file('x.bin', content);
  await cutOff(home, user, 1, () => files(home).setInputFiles([path]));
  content[50_000]! ^= 1;
  file('x.bin', content);
  await files(home).setInputFiles([path]);
  await expect(messages(home).getByText(/something else is in it/)).toBeVisible();
  await expect(tray(home).getByText('Uploaded', {exact: true})).toBeVisible();
  expect(await stored(user, 'x.bin')).toBe(sha256(content));
  await expect(tray(home).getByText(/^It was interrupted/)).toBeVisible();
  await expectAccessible(home);
});

test('while it is compared it can be paused, and goes on after', async ({home, user}) => {
  const content = randomBytes(kSize);
  const path = file('x.bin', content);
  await cutOff(home, user, 1, () => files(home).setInputFiles([path]));
  await home.evaluate(() => {
    const read = Blob.prototype.arrayBuffer;
    Blob.prototype.arrayBuffer = async function () {
      await new Promise<void>((resolve) => Object.assign(window, {goOn: resolve}));
      Blob.prototype.arrayBuffer = read;
      return read.call(this);
    };
  });
  await files(home).setInputFiles([path]);
  await expect(tray(home).getByText('Compares with what is there')).toBeVisible();
  await tray(home).getByRole('button', {name: 'Pause x.bin'}).click();
  await home.evaluate(() => (window as unknown as {goOn: () => void}).goOn());
  await tray(home).getByRole('button', {name: 'Go on with x.bin'}).click();
  await expect(tray(home).getByText('One file uploaded')).toBeVisible();
  expect(await stored(user, 'x.bin')).toBe(sha256(content));
});

test('what is picked for one folder does not go on in another', async ({home, user}) => {
  await user.folder('one');
  await user.folder('two');
  const content = randomBytes(kSize);
  const path = file('x.bin', content);
  await home.goto(`/files/${user.name}/one`);
  await cutOff(home, user, 1, () => files(home).setInputFiles([path]));
  await home.goto(`/files/${user.name}/two`);
  await files(home).setInputFiles([path]);
  await expect.poll(() => stored(user, 'two/x.bin').catch(() => '')).toBe(sha256(content));
  const before = (await user.get('/uploads')).items;
  expect(before.length).toBe(1);
  // Its own button goes on with it from wherever one is.
  const chosen = home.waitForEvent('filechooser');
  await tray(home).getByRole('button', {name: 'Choose file'}).click();
  await (await chosen).setFiles([path]);
  await expect.poll(() => stored(user, 'one/x.bin').catch(() => '')).toBe(sha256(content));
  expect((await user.get('/uploads')).items).toEqual([]);
});

test('a file that changed while it stood is not gone on with', async ({home, user}) => {
  const content = randomBytes(3 * kSize);
  const path = file('x.bin', content);
  const line = await home.context().newCDPSession(home);
  await line.send('Network.enable');
  const limit = (uploadThroughput: number) => line.send('Network.emulateNetworkConditions', {
    offline: false, latency: 5, downloadThroughput: -1, uploadThroughput
  });
  await limit(4 * 1024 * 1024);
  await files(home).setInputFiles([path]);
  await expect(tray(home).getByRole('listitem').getByText(/^[5-9]\.?\d* MiB of 60 MiB/))
    .toBeVisible();
  await tray(home).getByRole('button', {name: 'Pause x.bin'}).click();
  await limit(-1);
  content[100]! ^= 1; // its size and its time stay
  file('x.bin', content);
  await home.waitForTimeout(3_500);
  await tray(home).getByRole('button', {name: 'Go on with x.bin'}).click();
  await expect(tray(home).getByText(/^The file was changed or removed/)).toBeVisible();
  const chosen = home.waitForEvent('filechooser');
  await tray(home).getByRole('button', {name: 'Choose file'}).click();
  await (await chosen).setFiles([path]);
  await expect(tray(home).getByText('One file uploaded')).toBeVisible();
  expect(await stored(user, 'x.bin')).toBe(sha256(content));
  expect((await user.get('/uploads')).items).toEqual([]);
});

test('what is picked without a line is sent once there is one', async ({
  home, user, context, watch
}) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  const small = file('small.txt', Buffer.from('small'));
  const content = randomBytes(kSize);
  const large = file('large.bin', content);
  await context.setOffline(true);
  await files(home).setInputFiles([small, large]);
  await expect(tray(home).getByText('No connection. Goes on by itself.')).toHaveCount(2);
  await context.setOffline(false);
  await expect(tray(home).getByText('2 files uploaded')).toBeVisible();
  expect(await stored(user, 'large.bin')).toBe(sha256(content));
  expect(await stored(user, 'small.txt')).toBe(sha256(Buffer.from('small')));
});

test('an upload of a stranger goes on after a reload of the link', async ({user, browser}) => {
  await user.folder('inbox');
  const share = {path: `/${user.name}/inbox`, rights: ['read', 'create']};
  const {url} = await user.post('/shares', share);
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  const content = randomBytes(kSize);
  const path = file('x.bin', content);
  const input = page.locator('input[type=file][multiple]');
  await cutOff(page, user, 1, () => input.setInputFiles([path]));
  const waits = tray(page).getByText(/^It was interrupted, \d+% is there.*, inbox$/);
  await expect(waits).toBeVisible();
  // A file that only looks like it does not go on in its place: a mixture would be stored.
  file('x.bin', Buffer.concat([content.subarray(0, 50_000), randomBytes(kSize - 50_000)]));
  const chosen = page.waitForEvent('filechooser');
  await tray(page).getByRole('button', {name: 'Choose file'}).click();
  await (await chosen).setFiles([path]);
  await expect(messages(page).getByText(/^That is another file/)).toBeVisible();
  await expect(waits).toBeVisible();
  file('x.bin', content);
  await input.setInputFiles([path]);
  await expect(tray(page).getByText('One file uploaded')).toBeVisible();
  expect(await stored(user, 'inbox/x.bin')).toBe(sha256(content));
  expect((await user.get('/uploads')).items).toEqual([]);
  await page.context().close();
});
