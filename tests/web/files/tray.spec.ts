// The tray of uploads: what is pressed in it while they run.
import {randomBytes} from 'node:crypto';
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import type {Page, Route} from '@playwright/test';
import {expect, expectAccessible, signIn, test} from '../support/test.ts';

const tray = (page: Page) => page.getByRole('region', {name: 'Uploads'});
const files = (page: Page) => page.locator('input[type=file][multiple]');
const big = {name: 'big.bin', mimeType: 'x/y', buffer: randomBytes(20 * 1024 * 1024)};

/** A line on which one piece takes a minute; returns how to mend it. */
async function slow(page: Page): Promise<() => Promise<void>> {
  const line = await page.context().newCDPSession(page);
  await line.send('Network.enable');
  const limit = async (latency: number, uploadThroughput: number) => {
    const conditions = {offline: false, latency, downloadThroughput: -1, uploadThroughput};
    await line.send('Network.emulateNetworkConditions', conditions);
  };
  await limit(5, 256 * 1024);
  return () => limit(0, -1);
}

/** Bytes of a piece are under way. */
const isSending = (page: Page) =>
  expect(tray(page).getByRole('listitem').getByText(/^[1-9].* of 20 MiB · .*\/s/).first())
    .toBeVisible();

test('what is ended while a piece is under way is gone at the server, or said not to be', async ({
  home, user, watch
}) => {
  watch.allow(/status of 503/);
  await slow(home);
  let mayEnd = false;
  await home.route('**/api/v1/uploads/*', (route) =>
    route.request().method() === 'DELETE' && !mayEnd ? route.fulfill({status: 503})
                                                     : route.fallback());
  await files(home).setInputFiles([big]);
  await isSending(home);
  expect((await user.get('/uploads')).items.length).toBe(1);
  const end = async () => {
    await tray(home).getByRole('button', {name: 'Cancel big.bin'}).click();
    await home.getByRole('dialog').getByRole('button', {name: 'End upload'}).click();
  };
  await end();
  await expect(tray(home).getByText(/^Could not be ended/)).toBeVisible();
  await expectAccessible(home);
  await tray(home).getByRole('button', {name: 'Go on with big.bin'}).click();
  await expect(tray(home).getByRole('button', {name: 'Pause big.bin'})).toBeVisible();
  await isSending(home);
  mayEnd = true;
  await end();
  await expect(tray(home)).toBeHidden();
  expect((await user.get('/uploads')).items).toEqual([]);
});

test('a pause is told as one, and the button that ends an upload keeps the focus', async ({
  home
}) => {
  await slow(home);
  let go = () => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  await home.route('**/api/v1/uploads/*', async (route) => {
    if (route.request().method() === 'DELETE') await held;
    await route.fallback();
  });
  await files(home).setInputFiles([big]);
  await isSending(home);
  await tray(home).getByRole('button', {name: 'Pause big.bin'}).click();
  await expect(home.locator('.said')).toHaveText('One upload waits for you');
  await tray(home).getByRole('button', {name: 'Cancel big.bin'}).click();
  const button = home.getByRole('dialog').getByRole('button', {name: 'End upload'});
  await button.press('Enter');
  await expect(button).toHaveAttribute('aria-busy', 'true');
  await expect(button).toBeFocused();
  await expect(home.locator('section.tray h2')).toHaveText('An upload is being ended');
  await expect(home.locator('.said')).not.toHaveText('Nothing was uploaded');
  go();
  await expect(tray(home)).toBeHidden();
});

test('the focus stays in the tray, and goes to the list when that is gone', async ({
  home, user
}) => {
  await user.put('there.txt', 'x');
  await home.reload();
  await slow(home);
  const folder = mkdtempSync(join(tmpdir(), 'baluhost-tray-'));
  const paths = ['big.bin', 'other.bin'].map((name) => join(folder, name));
  for (const path of paths) writeFileSync(path, big.buffer);
  await files(home).setInputFiles(paths);
  await expect(tray(home).getByRole('listitem')).toHaveCount(2);
  const press = async (name: string) => {
    await tray(home).getByRole('button', {name}).focus();
    await home.keyboard.press('Enter');
  };
  await press('Pause big.bin');
  await expect(tray(home).getByRole('button', {name: 'Go on with big.bin'})).toBeFocused();
  await home.keyboard.press('Enter');
  await expect(tray(home).getByRole('button', {name: 'Pause big.bin'})).toBeFocused();

  const end = async (name: string) => {
    await press(`Cancel ${name}`);
    await home.getByRole('dialog').getByRole('button', {name: 'End upload'}).press('Enter');
    await expect(tray(home).getByText(name)).toBeHidden();
  };
  await expect.poll(async () => (await user.get('/uploads')).items.length).toBe(2);
  await end('other.bin');
  await expect(tray(home).getByRole('heading')).toBeFocused();

  home.once('dialog', (dialog) => void dialog.accept());
  await home.reload();
  await slow(home);
  await press('Choose file');
  await home.locator('input[type=file][aria-label="Choose file"]').setInputFiles(paths[0]!);
  await expect(tray(home).getByRole('button', {name: 'Pause big.bin'})).toBeFocused();
  await end('big.bin');
  await expect(tray(home)).toBeHidden();
  await expect(home.getByRole('grid').locator(':focus')).toBeVisible();
  await files(home).setInputFiles([{...big, name: 'small.txt', buffer: Buffer.from('x')}]);
  await expect(tray(home).getByText('One file uploaded')).toBeVisible();
  await press('Close the list of uploads');
  await expect(tray(home)).toBeHidden();
  await expect(home.getByRole('grid').locator(':focus')).toBeVisible();
  rmSync(folder, {recursive: true});
});

test('what a reload cut off and could not be ended goes on with its file', async ({
  home, user, watch
}) => {
  watch.allow(/status of 503/);
  const folder = mkdtempSync(join(tmpdir(), 'baluhost-tray-'));
  writeFileSync(join(folder, 'big.bin'), big.buffer);
  const mend = await slow(home);
  await files(home).setInputFiles([join(folder, 'big.bin')]);
  await isSending(home);
  await mend();
  home.once('dialog', (dialog) => void dialog.accept());
  await home.reload();
  await home.route('**/api/v1/uploads/*', (route) =>
    route.request().method() === 'DELETE' ? route.fulfill({status: 503}) : route.fallback());
  await tray(home).getByRole('button', {name: 'Cancel big.bin'}).click();
  await home.getByRole('dialog').getByRole('button', {name: 'End upload'}).click();
  await expect(tray(home).getByText(/^Could not be ended/)).toBeVisible();
  const chosen = home.waitForEvent('filechooser');
  await tray(home).getByRole('button', {name: 'Choose file'}).click();
  await (await chosen).setFiles([join(folder, 'big.bin')]);
  await expect(tray(home).getByText('One file uploaded')).toBeVisible();
  expect((await user.get('/uploads')).items).toEqual([]);
  rmSync(folder, {recursive: true});
});

test('who signs out while something is sent is asked first', async ({home, user}) => {
  await slow(home);
  await files(home).setInputFiles([big, {...big, name: 'other.bin'}]);
  await isSending(home);
  const signOut = async () => {
    await home.getByRole('button', {name: user.name, exact: true}).click();
    await home.getByRole('menuitem', {name: 'Sign out'}).click();
  };
  await signOut();
  const dialog = home.getByRole('dialog');
  await expect(dialog.getByRole('heading', {name: '2 uploads are not finished'})).toBeVisible();
  await expectAccessible(home);
  await dialog.getByRole('button', {name: 'Cancel'}).click();
  await expect(tray(home).getByRole('listitem')).toHaveCount(2);
  await signOut();
  await dialog.getByRole('button', {name: 'Sign out'}).click();
  await expect(home.getByRole('button', {name: 'Sign in'})).toBeVisible();
});

test('so is who signs out in another tab, or everywhere', async ({home, user}) => {
  await slow(home);
  await files(home).setInputFiles([big]);
  await isSending(home);
  const other = await home.context().newPage();
  await other.goto('/account');
  await other.getByRole('button', {name: user.name, exact: true}).click();
  await other.getByRole('menuitem', {name: 'Sign out'}).click();
  const dialog = other.getByRole('dialog');
  await expect(dialog.getByRole('heading', {name: 'One upload is not finished'})).toBeVisible();
  await expectAccessible(other);
  await dialog.getByRole('button', {name: 'Cancel'}).click();
  await expect(dialog).toBeHidden();
  await other.getByRole('button', {name: 'Sign out everywhere'}).click();
  await expect(dialog).toContainText('What is being uploaded is broken off');
  await dialog.getByRole('button', {name: 'Cancel'}).click();
  await expect(tray(home).getByRole('button', {name: 'Pause big.bin'})).toBeVisible();
  await other.getByRole('button', {name: user.name, exact: true}).click();
  await other.getByRole('menuitem', {name: 'Sign out'}).click();
  await dialog.getByRole('button', {name: 'Sign out'}).click();
  for (const page of [home, other])
    await expect(page.getByRole('button', {name: 'Sign in'})).toBeVisible();
});

for (const where of ['its tab', 'another'])
  test(`how much of it is there is said after a sign-out in ${where}`, async ({home, user}) => {
    await slow(home);
    await files(home).setInputFiles([big]);
    const item = tray(home).getByRole('listitem');
    await expect(item.getByText(/^[1-9]\S* MiB of 20 MiB · /)).toBeVisible();
    const page = where === 'another' ? await home.context().newPage() : home;
    if (page !== home) await page.goto('/account');
    await page.getByRole('button', {name: user.name, exact: true}).click();
    await page.getByRole('menuitem', {name: 'Sign out'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Sign out'}).click();
    await expect(home.getByRole('button', {name: 'Sign in'})).toBeVisible();
    await signIn(home, user.name);
    await expect(item.getByText(/^It was interrupted, [1-9]\d*% is there/)).toBeVisible();
  });

test('a file that was changed meanwhile is told from a line that is down', async ({
  home, user, watch
}) => {
  watch.allow(/net::ERR_/);
  const folder = mkdtempSync(join(tmpdir(), 'baluhost-tray-'));
  const [large, small] = [join(folder, 'big.bin'), join(folder, 'small.bin')];
  const contents = [big.buffer, randomBytes(8 * 1024 * 1024)];
  writeFileSync(large, contents[0]!);
  writeFileSync(small, contents[1]!);
  const broken = /\/api\/v1\/(files|uploads)\//;
  await home.route(broken, (route) =>
    ['PATCH', 'PUT'].includes(route.request().method()) ? route.abort() : route.fallback());
  await files(home).setInputFiles([large, small]);
  await expect(tray(home).getByText('No connection. Goes on by itself.')).toHaveCount(2);
  for (const path of [large, small]) writeFileSync(path, 'changed');
  const changed = tray(home).getByText(/^The file was changed or removed on your computer/);
  await expect(changed).toHaveCount(2);
  await home.unroute(broken);
  await expectAccessible(home);
  for (const path of [large, small]) {
    const chosen = home.waitForEvent('filechooser');
    const item = tray(home).getByRole('listitem').filter({hasText: basename(path)});
    await item.getByRole('button', {name: 'Choose file'}).click();
    await (await chosen).setFiles([path]);
  }
  await expect(tray(home).getByText('2 files uploaded')).toBeVisible();
  for (const name of ['big.bin', 'small.bin'])
    expect(await (await user.send('GET', `/files/${user.name}/${name}`)).text()).toBe('changed');
  expect((await user.get('/uploads')).items).toEqual([]);
  rmSync(folder, {recursive: true});
});

test('a file that goes in one piece shows its progress, and how long it takes', async ({home}) => {
  const mend = await slow(home);
  const buffer = randomBytes(8 * 1024 * 1024);
  await files(home).setInputFiles([{name: 'small.bin', mimeType: 'x/y', buffer}]);
  const item = tray(home).getByRole('listitem');
  await expect(item.getByText(/^[1-9].* of 8 MiB · .*\/s · .* left$/)).toBeVisible();
  await expect.poll(async () => Number(await item.getByRole('progressbar').getAttribute('value')))
    .toBeGreaterThan(100_000);
  await expectAccessible(home);
  await mend();
  await expect(tray(home).getByText('One file uploaded')).toBeVisible();
});

test('files of one name are told apart by their folders', async ({home}) => {
  const album = mkdtempSync(join(tmpdir(), 'baluhost-tray-'));
  for (const path of ['may/1.jpg', 'june/1.jpg', 'june/2.jpg']) {
    mkdirSync(join(album, path, '..'), {recursive: true});
    writeFileSync(join(album, path), path);
  }
  await home.route(/\.jpg\?/, (route) =>
    route.request().method() === 'PUT' ? undefined : route.fallback());
  await home.getByLabel('Upload folder').setInputFiles(album);
  const items = tray(home).getByRole('listitem').locator('.name');
  await expect(items.filter({hasText: '1.jpg'})).toHaveCount(2);
  for (const place of ['may', 'june']) {
    const item = items.filter({hasText: place});
    await expect(item).toHaveText(new RegExp(`^1\\.jpg\\s+${place}$`));
    await expect(item).toHaveAttribute('title', new RegExp(`/${place}/1\\.jpg$`));
    await expect(tray(home).getByRole('button', {name: `Pause ${place}/1.jpg`})).toBeVisible();
  }
  await expect(items.filter({hasText: '2.jpg'})).toHaveText(/^2\.jpg\s*$/);
  await expectAccessible(home);
  rmSync(album, {recursive: true});
});

test('what cannot be read of a folder is named, and all else is sent', async ({page, user}) => {
  // A picked folder, as the browser hands it over, made of its private file system.
  await page.addInitScript(() => {
    const pick = async () => {
      const root = await navigator.storage.getDirectory();
      const top = await root.getDirectoryHandle('album', {create: true});
      for (const name of ['a.txt', 'b.txt', 'c.txt']) {
        const stream = await (await top.getFileHandle(name, {create: true})).createWritable();
        await stream.write(name);
        await stream.close();
      }
      return top;
    };
    Object.assign(window, {showDirectoryPicker: pick});
    const {getFile} = FileSystemFileHandle.prototype;
    FileSystemFileHandle.prototype.getFile = function () {
      return this.name === 'b.txt' ? Promise.reject(new DOMException('', 'NotReadableError'))
                                   : getFile.call(this);
    };
  });
  await page.goto('/');
  await signIn(page, user.name);
  await page.getByRole('button', {name: 'Upload', exact: true}).click();
  await page.getByRole('menuitem', {name: 'Upload folder'}).click();
  const item = tray(page).getByRole('listitem').filter({hasText: 'b.txt'});
  await expect(item.getByText('It cannot be read on your computer.')).toBeVisible();
  await expect(tray(page).getByText('Uploaded', {exact: true})).toHaveCount(2);
  await expectAccessible(page);
  const chosen = page.waitForEvent('filechooser');
  await item.getByRole('button', {name: 'Choose file'}).click();
  await (await chosen).setFiles([{name: 'b.txt', mimeType: 'x/y', buffer: Buffer.from('b')}]);
  await expect(tray(page).getByText('3 files uploaded')).toBeVisible();
  expect((await user.get(`/dirs/${user.name}/album`)).items.length).toBe(3);
});

test('the list is closed over what waits only when that is given up', async ({home, user}) => {
  await slow(home);
  await files(home).setInputFiles([big, {...big, name: 'other.bin'}]);
  await expect.poll(async () => (await user.get('/uploads')).items.length).toBe(2);
  home.once('dialog', (dialog) => void dialog.accept());
  await home.reload();
  await expect(tray(home).getByText(/^It was interrupted/)).toHaveCount(2);
  const close = tray(home).getByRole('button', {name: 'Close the list of uploads'});
  const dialog = home.getByRole('dialog');
  await close.press('Enter');
  await expect(dialog.getByRole('heading', {name: 'End 2 uploads?'})).toBeVisible();
  await expect(dialog.getByRole('listitem')).toHaveText(['big.bin', 'other.bin']);
  await expectAccessible(home);
  await home.keyboard.press('Escape');
  await expect(close).toBeFocused();
  expect((await user.get('/uploads')).items.length).toBe(2);
  await close.press('Enter');
  await dialog.getByRole('button', {name: 'End uploads'}).press('Enter');
  await expect(tray(home)).toBeHidden();
  expect((await user.get('/uploads')).items).toEqual([]);
  await home.reload();
  await expect(home.getByRole('button', {name: 'Upload', exact: true})).toBeVisible();
  await expect(tray(home)).toBeHidden();
});

/** As the system hands over what is dragged into the window. */
async function dropOn(page: Page, paths: string[]) {
  const line = await page.context().newCDPSession(page);
  const data = {items: [], files: paths, dragOperationsMask: 1};
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await line.send('Input.dispatchDragEvent', {type, x: 700, y: 400, data});
}

test('an empty file that is gone is told from a line that is down', async ({
  home, user, watch
}) => {
  watch.allow(/net::ERR_/);
  const folder = mkdtempSync(join(tmpdir(), 'baluhost-tray-'));
  mkdirSync(join(folder, 'album'));
  const paths = ['picked.txt', 'dropped.txt', 'album/deep.txt'].map((name) => join(folder, name));
  for (const path of paths) writeFileSync(path, '');
  const held: Route[] = [];
  let isHeld = true;
  await home.route('**/api/v1/files/**', (route) => {
    if (isHeld && route.request().method() === 'PUT') held.push(route);
    else void route.fallback();
  });
  await home.getByLabel('Upload files').setInputFiles([paths[0]!]);
  await dropOn(home, [paths[1]!, join(folder, 'album')]);
  await expect.poll(() => held.length).toBe(3);
  for (const path of paths) rmSync(path);
  isHeld = false;
  for (const route of held) await route.abort();
  const changed = tray(home).getByText(/^The file was changed or removed on your computer/);
  await expect(changed).toHaveCount(3);
  writeFileSync(paths[1]!, '');
  const chosen = home.waitForEvent('filechooser');
  const item = tray(home).getByRole('listitem').filter({hasText: 'dropped.txt'});
  await item.getByRole('button', {name: 'Choose file'}).click();
  await (await chosen).setFiles([paths[1]!]);
  await expect(changed).toHaveCount(2);
  await expect.poll(async () => (await user.get(`/dirs/${user.name}`)).items
    .map(({name}: {name: string}) => name)).toContain('dropped.txt');
  rmSync(folder, {recursive: true});
});

test('a link that leads nowhere is said not to be readable', async ({home}) => {
  const folder = mkdtempSync(join(tmpdir(), 'baluhost-tray-'));
  const [dead, there] = [join(folder, 'dead.txt'), join(folder, 'there.txt')];
  symlinkSync(join(folder, 'nowhere'), dead);
  writeFileSync(there, '');
  const unreadable = tray(home).getByText('It cannot be read on your computer.');
  await dropOn(home, [dead]);
  await expect(unreadable).toBeVisible();
  await tray(home).getByRole('button', {name: 'Cancel dead.txt'}).click();
  await expect(tray(home)).toBeHidden();
  await dropOn(home, [dead, there]);
  await expect(unreadable).toBeVisible();
  await expect(tray(home).getByText('Uploaded', {exact: true})).toBeVisible();
  rmSync(folder, {recursive: true});
});
