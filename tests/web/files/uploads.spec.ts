import {createHash, randomBytes} from 'node:crypto';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Page, Request} from '@playwright/test';
import {asShown} from '../support/names.ts';
import {
  adminPassword, Api, expect, expectAccessible, makeUser, Server, signIn, test
} from '../support/test.ts';

const tray = (page: Page) => page.getByRole('region', {name: 'Uploads'});
const files = (page: Page) => page.locator('input[type=file][multiple]');
const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

let folder = '';
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baluhost-upload-'));
});
test.afterEach(() => rmSync(folder, {recursive: true, force: true}));

function file(name: string, content: Uint8Array | string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

test('files are uploaded, and a clash is asked about', async ({home, user}) => {
  await user.put('one.txt', 'old');
  await home.reload();
  await files(home).setInputFiles([file('one.txt', 'new'), file('two.txt', 'two')]);
  await expect(home.getByText('“one.txt” is there already.')).toBeVisible();
  await home.keyboard.press('Enter'); // keep both
  await expect(tray(home).getByText('2 files uploaded')).toBeVisible();
  await expect(home.getByRole('grid').getByText('one (2).txt')).toBeVisible();
  await expectAccessible(home);
  const stored = await user.send('GET', `/files/${user.name}/one%20(2).txt`);
  expect(await stored.text()).toBe('new');
  await tray(home).getByRole('button', {name: 'Close the list of uploads'}).click();
  await expect(tray(home)).toBeHidden();
});

test('a folder is uploaded whole, with what is empty in it', async ({page, user}) => {
  // A picked folder, as the browser hands it over, made of its private file system.
  await page.addInitScript(() => {
    const pick = async () => {
      const root = await navigator.storage.getDirectory();
      const top = await root.getDirectoryHandle('album', {create: true});
      await top.getDirectoryHandle('empty', {create: true});
      const deep = await top.getDirectoryHandle('deep', {create: true});
      for (let i = 0; i < 150; ++i) {
        const handle = await deep.getFileHandle(`${i}.txt`, {create: true});
        const stream = await handle.createWritable();
        await stream.write(`content ${i}`);
        await stream.close();
      }
      return top;
    };
    Object.assign(window, {showDirectoryPicker: pick});
  });
  await page.goto('/');
  await signIn(page, user.name);
  await page.getByRole('button', {name: 'Upload', exact: true}).press('Enter');
  await page.getByRole('menuitem', {name: 'Upload folder'}).press('Enter');
  await expect(tray(page).getByText('150 files uploaded')).toBeVisible({timeout: 40_000});
  const names = async (path: string) =>
    (await user.get(`/dirs/${user.name}/${path}?limit=1000`)).items.map((i: any) => i.name);
  expect(await names('album')).toEqual(['deep', 'empty']);
  expect((await names('album/deep')).length).toBe(150);
  expect(await names('album/empty')).toEqual([]);
  await expect(page.getByRole('grid').getByText('album')).toBeVisible();
});

test('a folder of 2,000 files that is dropped is read whole before anything is sent', async ({
  home, user, context
}) => {
  test.slow();
  const album = join(folder, 'album');
  for (let i = 0; i < 2000; ++i) {
    const below = join(album, `part ${i % 7}`);
    if (i < 7) mkdirSync(below, {recursive: true});
    writeFileSync(join(below, `${i}.txt`), `content ${i}`);
  }
  mkdirSync(join(album, 'empty'));
  await home.evaluate(() => {
    const page = window as unknown as {read: number; sent: number; early: number};
    Object.assign(page, {read: 0, sent: 0, early: 0});
    const watched = (entry: any) => {
      const {file, createReader} = entry;
      if (entry.isFile)
        entry.file = (done: (it: File) => void, failed: () => void) =>
          file.call(entry, (it: File) => {
            page.read += 1;
            done(it);
          }, failed);
      else
        entry.createReader = () => {
          const reader = createReader.call(entry);
          const {readEntries} = reader;
          reader.readEntries = (done: (all: any[]) => void, failed: () => void) =>
            readEntries.call(reader, (all: any[]) => done(all.map(watched)), failed);
          return reader;
        };
      return entry;
    };
    const {webkitGetAsEntry} = DataTransferItem.prototype;
    DataTransferItem.prototype.webkitGetAsEntry = function () {
      return watched(webkitGetAsEntry.call(this));
    };
    const {open} = XMLHttpRequest.prototype as unknown as {open: (...all: unknown[]) => void};
    XMLHttpRequest.prototype.open = function (...all: unknown[]) {
      if (all[0] === 'PUT') {
        page.sent += 1;
        if (page.read < 2000) page.early += 1;
      }
      open.apply(this, all);
    };
  });
  // As the system hands over what is dragged into the window.
  const line = await context.newCDPSession(home);
  const data = {items: [], files: [album], dragOperationsMask: 1};
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await line.send('Input.dispatchDragEvent', {type, x: 700, y: 400, data});
  await expect(tray(home).getByText('2,000 files uploaded')).toBeVisible({timeout: 240_000});
  const seen = await home.evaluate(() => {
    const {read, sent, early} = window as unknown as Record<string, number>;
    return {read, sent, early};
  });
  expect(seen).toEqual({read: 2000, sent: 2000, early: 0});
  const names = async (path: string) =>
    (await user.get(`/dirs/${user.name}/${path}?limit=1000`)).items.map((i: any) => i.name);
  expect(await names('album')).toEqual(
    ['empty', ...Array.from({length: 7}, (_, i) => `part ${i}`)]);
  expect(await names('album/empty')).toEqual([]);
  let count = 0;
  for (let i = 0; i < 7; ++i) count += (await names(`album/part ${i}`)).length;
  expect(count).toBe(2000);
  const last = await user.send('GET', `/files/${user.name}/album/part%204/1999.txt`);
  expect(await last.text()).toBe('content 1999');
});

test('64 MiB arrive and come back byte by byte', async ({home, user}) => {
  const content = randomBytes(64 * 1024 * 1024);
  await files(home).setInputFiles([file('large.bin', content)]);
  await expect(tray(home).getByText('One file uploaded')).toBeVisible({timeout: 90_000});
  expect((await user.get(`/meta/${user.name}/large.bin`)).sha256).toBe(sha256(content));
  const waiting = home.waitForEvent('download');
  await home.getByRole('checkbox', {name: 'Select large.bin'}).click();
  await home.getByRole('button', {name: 'Download', exact: true}).click();
  const there = readFileSync(await (await waiting).path());
  expect(sha256(there)).toBe(sha256(content));
});

test('what does not fit is said before it is sent', async ({page, admin, server}) => {
  const user = await makeUser(admin, server, {quota_bytes: 1000});
  await page.goto('/');
  await signIn(page, user.name);
  await files(page).setInputFiles([file('large.bin', new Uint8Array(5000))]);
  await expect(page.getByText('This needs 4.88 KiB, and you have 1,000 B left.')).toBeVisible();
  await expectAccessible(page);
  expect((await user.get(`/dirs/${user.name}`)).items).toEqual([]);
});

test('an upload is paused, goes on, and is cancelled', async ({home, user}) => {
  const content = randomBytes(40 * 1024 * 1024);
  await home.route('**/api/v1/uploads/*', async (route) => {
    if (route.request().method() === 'PATCH') await new Promise((done) => setTimeout(done, 300));
    await route.continue();
  });
  await files(home).setInputFiles([file('big.bin', content)]);
  // Each says how fast it is and how long it takes, as all together do.
  await expect(tray(home).getByRole('listitem').getByText(/ of 40 MiB · .*\/s · .* left$/))
    .toBeVisible();
  await tray(home).getByRole('button', {name: 'Pause big.bin'}).click();
  await expect(tray(home).getByText(/^Paused at/)).toBeVisible();
  await expectAccessible(home);
  await tray(home).getByRole('button', {name: 'Go on with big.bin'}).press('Enter');
  await expect(tray(home).getByText('One file uploaded')).toBeVisible({timeout: 40_000});
  const info = await user.get(`/meta/${user.name}/big.bin`);
  expect(info.sha256).toBe(sha256(content));
  await files(home).setInputFiles([file('gone.bin', content)]);
  await expect(tray(home).getByRole('listitem').getByText(/ of 40 MiB · /)).toBeVisible();
  await tray(home).getByRole('button', {name: 'Pause gone.bin'}).click();
  // What is lost is said first.
  const dialog = home.getByRole('dialog');
  await tray(home).getByRole('button', {name: 'Cancel gone.bin'}).click();
  await expect(dialog).toContainText(/ of 40 MiB\. .* has to be sent again/);
  await expectAccessible(home);
  await home.keyboard.press('Escape');
  await expect(tray(home).getByRole('button', {name: 'Cancel gone.bin'})).toBeFocused();
  await home.keyboard.press('Enter');
  await dialog.getByRole('button', {name: 'End upload'}).click();
  await expect(tray(home).getByText('gone.bin')).toBeHidden();
  await expect.poll(async () => (await user.get('/uploads')).items).toEqual([]);
});

test('who signs in after somebody else finds nothing of his uploads, and he does again', async ({
  home, admin, server, user, watch
}) => {
  watch.allow(/status of 401/);
  await home.route('**/api/v1/uploads/*', async (route) => {
    if (route.request().method() === 'PATCH') await new Promise((done) => setTimeout(done, 500));
    await route.continue().catch(() => {}); // the page that asked is gone
  });
  await user.folder('mine');
  await home.goto(`/files/${user.name}/mine`);
  await files(home).setInputFiles([file('big.bin', randomBytes(60 * 1024 * 1024))]);
  await expect(tray(home).getByText(/ of 60 MiB · /).first()).toBeVisible();
  await home.getByRole('button', {name: user.name, exact: true}).click();
  await home.getByRole('menuitem', {name: 'Sign out'}).click();
  await home.getByRole('dialog').getByRole('button', {name: 'Sign out'}).click();
  await expect(home.getByLabel('Name')).toBeVisible();
  await expect(home).toHaveURL(/\/login$/);
  await expect(home.getByText('big.bin')).toHaveCount(0);

  const other = await makeUser(admin, server);
  await signIn(home, other.name);
  await expect(home).toHaveURL(new RegExp(`/files/${other.name}$`));
  await expect(home.getByText('This folder is empty')).toBeVisible();
  await expect(home.getByText('big.bin')).toHaveCount(0);

  await home.getByRole('button', {name: other.name, exact: true}).click();
  await home.getByRole('menuitem', {name: 'Sign out'}).click();
  await signIn(home, user.name);
  await expect(tray(home).getByText('big.bin')).toBeVisible();
  await expect(tray(home).getByText(/^It was interrupted.* Choose the file again/)).toBeVisible();
});

test('what the end of the session cut off goes on when its user signs in again', async ({
  home, user, watch
}) => {
  watch.allow(/status of 401/);
  await home.route('**/api/v1/uploads/*', async (route) => {
    if (route.request().method() === 'PATCH') await new Promise((done) => setTimeout(done, 500));
    await route.continue();
  });
  const content = randomBytes(60 * 1024 * 1024);
  await files(home).setInputFiles([file('big.bin', content)]);
  await expect(tray(home).getByText(/ of 60 MiB · /).first()).toBeVisible();
  await user.post('/auth/logout-all');
  await expect(home.getByLabel('Name', {exact: true})).toBeVisible();
  await expect(tray(home).getByRole('button', {name: 'Try big.bin again'})).toBeVisible();
  await signIn(home, user.name);
  await expect(tray(home).getByText('One file uploaded')).toBeVisible({timeout: 40_000});
  await user.login();
  expect((await user.get(`/meta/${user.name}/big.bin`)).sha256).toBe(sha256(content));
});

test('one that is paused or cancelled while it begins leaves nothing behind', async ({
  home, user
}) => {
  await home.route('**/api/v1/uploads', async (route) => {
    if (route.request().method() === 'POST') await new Promise((done) => setTimeout(done, 1500));
    await route.continue();
  });
  const buffer = Buffer.alloc(9 * 1024 * 1024, 'x');
  const isBegin = (request: Request) =>
    request.method() === 'POST' && request.url().endsWith('/api/v1/uploads');
  const begin = async (name: string) => {
    const asked = home.waitForRequest(isBegin);
    await files(home).setInputFiles([{name, mimeType: 'x/y', buffer}]);
    await asked;
  };
  await begin('big.bin');
  await tray(home).getByRole('button', {name: 'Pause big.bin'}).click();
  await tray(home).getByRole('button', {name: 'Go on with big.bin'}).click();
  await expect(tray(home).getByText('One file uploaded')).toBeVisible();
  await begin('gone.bin');
  const begins = home.waitForResponse((response) => isBegin(response.request()));
  await tray(home).getByRole('button', {name: 'Cancel gone.bin'}).click();
  await begins;
  await expect.poll(async () => (await user.get('/uploads')).items).toEqual([]);
  expect(await home.evaluate(() => localStorage.getItem('baluhost.uploads'))).toBe('[]');
});

test('an upload survives a reload, a lost line, an expired token and kill -9', async ({
  browser
}) => {
  test.setTimeout(150_000);
  const server = new Server('auth.access_ttl = "10s"');
  await server.start();
  const admin = await new Api(server, 'admin', adminPassword).login();
  const user = await makeUser(admin, server);
  const context = await browser.newContext({baseURL: server.url});
  const page = await context.newPage();
  await page.goto('/login');
  await signIn(page, user.name);
  const content = randomBytes(120 * 1024 * 1024);
  const path = file('voyage.bin', content);
  // A line that is slow enough for all that is to happen.
  const line = await context.newCDPSession(page);
  const slow = {
    offline: false, latency: 5, downloadThroughput: -1, uploadThroughput: 6 * 1024 * 1024
  };
  await line.send('Network.enable');
  await line.send('Network.emulateNetworkConditions', slow);
  const offset = async () => {
    const api = await new Api(server, user.name).login();
    return (await api.get('/uploads')).items[0]?.offset ?? 0;
  };
  const beyond = (bytes: number) =>
    expect.poll(offset, {timeout: 60_000}).toBeGreaterThan(bytes);

  await files(page).setInputFiles([path]);
  await beyond(10_000_000);

  await line.send('Network.emulateNetworkConditions', {...slow, offline: true});
  await expect(tray(page).getByText('No connection. Goes on by itself.')).toBeVisible();
  await line.send('Network.emulateNetworkConditions', slow);
  await beyond(30_000_000);

  let warnings = 0;
  page.on('dialog', (dialog) => {
    warnings += 1;
    void dialog.accept();
  });
  await page.reload();
  expect(warnings).toBe(1); // it warns before it is left
  await line.send('Network.emulateNetworkConditions', slow);
  await expect(tray(page).getByText(/It was interrupted, [2-9]\d% is there/)).toBeVisible();
  const before = await offset();
  expect(before).toBeGreaterThan(30_000_000);
  await files(page).setInputFiles([path]);
  await beyond(before + 10_000_000);

  await server.end('SIGKILL');
  await expect(tray(page).getByText('No connection. Goes on by itself.')).toBeVisible();
  await server.start();
  await line.send('Network.emulateNetworkConditions', {...slow, uploadThroughput: -1});
  await expect(tray(page).getByText('One file uploaded')).toBeVisible({timeout: 60_000});

  const later = await new Api(server, user.name).login();
  const info = await later.get(`/meta/${user.name}/voyage.bin`);
  expect(info.sha256).toBe(sha256(content));
  const events = await later.get('/audit/events?action=upload');
  expect(events.items.filter((event: any) => event.success).length).toBe(1);
  await context.close();
  await server.remove();
});

test('two tabs upload at the same time, and each shows what came', async ({
  home, user, context
}) => {
  const other = await context.newPage();
  await other.goto(`/files/${user.name}`);
  await expect(other.getByRole('button', {name: 'Upload', exact: true})).toBeVisible();
  // Small ones, and one that goes in pieces.
  const large = {one: randomBytes(20 * 1024 * 1024), two: randomBytes(20 * 1024 * 1024)};
  const many = (tab: 'one' | 'two') => [
    ...Array.from({length: 11}, (_, i) =>
      ({name: `${tab} ${i}.txt`, mimeType: 'text/plain', buffer: Buffer.from(`${tab} ${i}`)})),
    {name: `${tab} large.bin`, mimeType: 'x/y', buffer: large[tab]}
  ];
  await Promise.all([
    files(home).setInputFiles(many('one')), files(other).setInputFiles(many('two'))
  ]);
  await expect(tray(home).getByText('12 files uploaded')).toBeVisible();
  await expect(tray(other).getByText('12 files uploaded')).toBeVisible();
  const {items} = await user.get(`/dirs/${user.name}`);
  const ours = /^(one|two) (\d+\.txt|large\.bin)$/;
  expect(items.filter((item: {name: string}) => ours.test(item.name)).length).toBe(24);
  for (const tab of ['one', 'two'] as const)
    expect((await user.get(`/meta/${user.name}/${tab}%20large.bin`)).sha256)
      .toBe(sha256(large[tab]));
});

test('hostile names are shown as they are, and nothing of them runs', async ({home, user}) => {
  const names = [
    '<script>document.title="ran"</script>', '"><img src=x onerror=document.title="ran">',
    "'-alert(1)-'", '${alert(1)}', '{{7*7}}', '%2e%2e%2f', '..%5c', 'a\u00adb', '&lt;b&gt;',
    'javascript:alert(1)', 'CON', 'nul.txt', '￾', '🏳️‍🌈', 'שלום', '<svg onload=alert(1)>', '#', '?',
    'a#b?c=d', '%', '%00', '{@html x}', '`', '||cmd', ';rm -rf', 'null', 'undefined', '__proto__'
  ].map((name) => name.replaceAll('/', '∕').replaceAll('\\', '∖'));
  mkdirSync(join(folder, 'x'), {recursive: true});
  const stored: string[] = [];
  for (const name of names) {
    const info = await user.put(name, 'x').catch(() => undefined);
    if (info) stored.push(info.name);
  }
  expect(stored.length).toBeGreaterThan(20);
  await home.setViewportSize({width: 1280, height: 2400}); // all are in the document
  await home.reload();
  for (const name of stored.map(asShown)) {
    const button = home.getByRole('grid').getByRole('button', {name, exact: true});
    await button.scrollIntoViewIfNeeded();
    expect(await button.textContent()).toBe(name);
  }
  await home.getByRole('grid').getByRole('button', {name: stored[0]!, exact: true}).click();
  for (let i = 0; i < 3; ++i) await home.keyboard.press('ArrowRight');
  await home.keyboard.press('Escape');
  await expect(home).not.toHaveTitle('ran');
});
