import {readFileSync} from 'node:fs';
import type {Page} from '@playwright/test';
import {list, names, picked, picture, putSome, row, takeNames} from '../support/files.ts';
import {Api, expect, expectAccessible, signIn, test} from '../support/test.ts';

test.beforeEach(async ({user}) => putSome(user));

test('folders open by click and by key, and the way back is the path above', async ({
  home, user
}) => {
  await home.getByRole('link', {name: 'notes'}).click();
  await expect(home).toHaveURL(new RegExp(`/files/${user.name}/notes$`));
  await expect(row(home, 'a.txt')).toBeVisible();
  await home.getByRole('link', {name: 'My files'}).click();
  await row(home, 'notes').focus();
  await home.keyboard.press('Enter');
  await expect(row(home, 'a.txt')).toBeVisible();
  await home.goBack();
  await expect(row(home, 'b.md')).toBeVisible();
});

test('a new folder is made, by mouse and by keyboard', async ({home, user}) => {
  await home.getByRole('button', {name: 'New folder'}).click();
  await home.getByLabel('Name').fill('by mouse');
  await home.getByRole('button', {name: 'Create'}).click();
  await expect(row(home, 'by mouse')).toBeFocused();
  await home.getByRole('button', {name: 'New folder'}).focus();
  await home.keyboard.press('Enter');
  await expect(home.getByLabel('Name')).toBeFocused();
  await home.keyboard.type('by/key');
  await home.keyboard.press('Enter');
  await expect(home.getByText('A name has no slash')).toBeVisible();
  await home.getByLabel('Name').fill('by mouse');
  await home.keyboard.press('Enter');
  await expect(home.getByText('There is something of that name already.')).toBeVisible();
  await expectAccessible(home);
  await home.getByLabel('Name').fill('by key');
  await home.keyboard.press('Enter');
  await expect(row(home, 'by key')).toBeVisible();
  expect(await names(user)).toEqual(['b.md', 'by key', 'by mouse', 'c.bin', 'notes']);
});

test('the focus stays with its file while others come before it', async ({home}) => {
  await row(home, 'b.md').focus();
  await home.getByLabel('Upload files').setInputFiles(
    {name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x')});
  await expect(row(home, 'a.txt')).toBeVisible();
  await expect(row(home, 'b.md')).toBeFocused();
  await home.keyboard.press('F2');
  await expect(home.getByLabel('New name for b.md')).toBeFocused();
});

test('several are chosen by mouse and by keyboard', async ({home}) => {
  await row(home, 'notes').click({position: {x: 400, y: 10}});
  await row(home, 'c.bin').click({position: {x: 400, y: 10}, modifiers: ['Shift']});
  await expect(picked(home).getByText('3 selected')).toBeVisible();
  await row(home, 'c.bin').click({position: {x: 400, y: 10}, modifiers: ['Control']});
  await expect(picked(home).getByText('2 selected')).toBeVisible();
  await home.getByRole('checkbox', {name: 'Select b.md'}).click();
  await expect(picked(home).getByText('One selected')).toBeVisible();
  await row(home, 'b.md').focus();
  await home.keyboard.press('Escape');
  await expect(picked(home)).toBeHidden();
  await home.keyboard.press('Space');
  await home.keyboard.press('Shift+ArrowDown');
  await expect(picked(home).getByText('2 selected')).toBeVisible();
  await home.keyboard.press('Control+a');
  await expect(picked(home).getByText('3 selected')).toBeVisible();
  await expect(row(home, 'notes')).toHaveAttribute('aria-selected', 'true');
});

test('files move by a dialog and by drag, copies too, and moves are undone', async ({
  home, user
}) => {
  await home.getByRole('checkbox', {name: 'Select b.md'}).click();
  await picked(home).getByRole('button', {name: 'Move'}).click();
  await home.getByRole('dialog').getByRole('button', {name: 'notes'}).click();
  await home.getByRole('button', {name: 'Move here'}).click();
  await expect(row(home, 'b.md')).toBeHidden();
  expect(await names(user, 'notes')).toEqual(['a.txt', 'b.md']);
  await home.getByRole('button', {name: 'Undo'}).click();
  await expect(row(home, 'b.md')).toBeVisible();
  await row(home, 'c.bin').dragTo(row(home, 'notes'));
  await expect(row(home, 'c.bin')).toBeHidden();
  expect(await names(user, 'notes')).toEqual(['a.txt', 'c.bin']);
  // By keyboard: a copy beside itself is a second one.
  await row(home, 'b.md').focus();
  await home.keyboard.press('ArrowRight');
  await home.keyboard.press('ArrowRight');
  await home.keyboard.press('ArrowRight');
  await home.keyboard.press('Enter');
  await home.getByRole('menuitem', {name: 'Copy'}).press('Enter');
  await expect(home.getByRole('button', {name: 'Copy here'})).toBeVisible();
  await expect(home.getByRole('dialog').getByRole('button', {name: 'notes'})).toBeFocused();
  await expectAccessible(home);
  await home.getByRole('button', {name: 'Copy here'}).press('Enter');
  await expect(row(home, 'b (2).md')).toBeVisible();
});

test('a name that is taken is asked about: keep both, replace, skip', async ({home, user}) => {
  await takeNames(home, user);
  await home.keyboard.press('Control+a');
  await home.getByRole('checkbox', {name: 'Select notes'}).click();
  await picked(home).getByRole('button', {name: 'Move'}).click();
  await home.getByRole('dialog').getByRole('button', {name: 'notes'}).click();
  await home.getByRole('button', {name: 'Move here'}).click();
  await expect(home.getByRole('heading', {name: 'The name is taken'})).toBeVisible();
  await expect(home.getByLabel('Do the same with all others (1)')).not.toBeChecked();
  await expectAccessible(home);
  await home.getByRole('button', {name: 'Keep both'}).click();
  await expect(home.getByText('“c.bin” is there already.')).toBeVisible();
  await home.getByRole('button', {name: 'Replace'}).click();
  await expect(row(home, 'c.bin')).toBeHidden();
  expect(await names(user, 'notes')).toEqual(['a.txt', 'b (2).md', 'b.md', 'c.bin']);
  expect(await (await user.send('GET', `/files/${user.name}/notes/c.bin`)).text()).toBe('x');
});

test('a file downloads as it is, a selection as an archive', async ({home}) => {
  const fetchAs = async (click: () => Promise<void>) => {
    const waiting = home.waitForEvent('download');
    await click();
    const download = await waiting;
    return {name: download.suggestedFilename(), content: readFileSync(await download.path())};
  };
  await home.getByRole('checkbox', {name: 'Select b.md'}).click();
  const button = picked(home).getByRole('button', {name: 'Download'});
  const one = await fetchAs(() => button.click());
  expect(one.name).toBe('b.md');
  expect(one.content.toString()).toBe('# Title');
  await home.getByRole('checkbox', {name: 'Select notes'}).click();
  const many = await fetchAs(() => button.press('Enter'));
  expect(many.name).toMatch(/\.zip$/);
  expect(many.content.subarray(0, 2).toString()).toBe('PK');
  expect(many.content.includes('notes/a.txt')).toBe(true);
});

test('a preview shows text as text, and goes on by arrow keys', async ({home, user}) => {
  await user.put('d.html', '<script>document.title = "ran"</script><b>bold</b>');
  await home.reload();
  await row(home, 'b.md').focus();
  await home.keyboard.press('Enter');
  const dialog = home.getByRole('dialog');
  await expect(dialog.getByText('# Title')).toBeVisible();
  await expect(dialog.getByText('1 of 3')).toBeVisible();
  await expectAccessible(home);
  await home.keyboard.press('ArrowRight');
  await expect(dialog.getByText('There is no preview of this kind of file')).toBeVisible();
  await home.keyboard.press('ArrowRight');
  await expect(dialog.getByText('<b>bold</b>')).toBeVisible();
  await expect(home).not.toHaveTitle('ran');
  await home.keyboard.press('Escape');
  await expect(row(home, 'd.html')).toBeFocused();
});

test('a preview that failed says why, and is tried again', async ({home, user, watch}) => {
  watch.allow(/ERR_CONNECTION_REFUSED|status of 404/);
  await user.put('a.png', picture);
  await home.reload();
  const dialog = home.getByRole('dialog');
  const offline = dialog.getByText('The server cannot be reached.');
  await home.route('**/api/v1/files/**', (route) => route.abort('connectionrefused'));
  await row(home, 'b.md').focus();
  await home.keyboard.press('Enter');
  await expect(offline).toBeVisible();
  await expectAccessible(home);
  await home.unroute('**/api/v1/files/**');
  await dialog.getByRole('button', {name: 'Try again'}).press('Enter');
  await expect(dialog.getByText('# Title')).toBeVisible();
  await home.route('**/api/v1/files/**', (route) => route.abort('connectionrefused'));
  await home.keyboard.press('ArrowLeft'); // it still takes keys
  await expect(offline).toBeVisible();
  await home.unroute('**/api/v1/files/**'); // and nobody does anything
  await expect(dialog.getByRole('img', {name: 'a.png'})).toBeVisible();
  await user.send('DELETE', `/files/${user.name}/b.md`);
  await home.keyboard.press('ArrowRight');
  await expect(dialog.getByText('It is not there, or you have no right to see it.')).toBeVisible();
  await home.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('Back closes a preview and Forward opens it again', async ({home, user}) => {
  await user.put('notes/d.md', 'of d');
  await home.goto(`/files/${user.name}/notes`);
  const dialog = home.getByRole('dialog');
  await row(home, 'a.txt').getByRole('button', {name: 'a.txt', exact: true}).click();
  await expect(dialog.getByText('first')).toBeVisible();
  await home.goBack();
  await expect(dialog).toBeHidden();
  await expect(row(home, 'a.txt')).toBeFocused();
  await home.goForward();
  await expect(dialog.getByText('first')).toBeVisible();
  await home.keyboard.press('ArrowRight');
  await expect(dialog.getByText('of d')).toBeVisible();
  await expect.poll(() => home.evaluate(() => history.state.over)).toMatch(/d\.md$/);
  await home.reload(); // it is there again
  await expect(dialog.getByText('of d')).toBeVisible();
  await home.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  // By keyboard: what closes it leaves nothing to go back through.
  await row(home, 'a.txt').focus();
  await home.keyboard.press('Enter');
  await home.keyboard.press('ArrowRight');
  await expect(dialog.getByText('of d')).toBeVisible();
  await home.keyboard.press('Escape');
  await expect(row(home, 'd.md')).toBeFocused();
  await home.keyboard.press('Enter');
  await dialog.getByRole('button', {name: 'Close'}).click();
  await expect(dialog).toBeHidden();
  await expect(row(home, 'd.md')).toBeFocused();
  await home.keyboard.press('Space'); // what is chosen stays
  await home.keyboard.press('Enter');
  await expect(dialog.getByText('of d')).toBeVisible();
  await home.keyboard.press('Alt+ArrowLeft'); // the browser's own, where it has a window
  await expect(dialog.getByText('2 of 2')).toBeVisible();
  await home.goBack();
  await expect(dialog).toBeHidden();
  await expect(row(home, 'd.md')).toHaveAttribute('aria-selected', 'true');
  await home.goBack();
  await expect(row(home, 'b.md')).toBeVisible();
});

test('details tell size, hash and owner', async ({home, user}) => {
  await row(home, 'b.md').click({position: {x: 400, y: 10}});
  await home.getByRole('button', {name: 'Details'}).click();
  const pane = home.getByRole('complementary', {name: 'Details'});
  await expect(pane.getByText(user.name, {exact: true})).toBeVisible();
  await expect(pane.getByText(/^[0-9a-f]{64}$/)).toBeVisible();
  await expectAccessible(home);
});

test('tiles show pictures, drawn in the browser', async ({home, user}) => {
  await user.put('dot.png', picture);
  await home.reload();
  await home.getByRole('button', {name: 'Show as tiles'}).click();
  const tile = home.getByRole('gridcell').filter({hasText: 'dot.png'});
  const drawn = tile.locator('canvas');
  await expect(drawn).toBeVisible();
  expect(await drawn.evaluate((canvas: HTMLCanvasElement) =>
    [canvas.width, ...canvas.getContext('2d')!.getImageData(1, 1, 1, 1).data]))
    .toEqual([2, 200, 60, 30, 255]);
  await expectAccessible(home);
  await home.getByRole('gridcell').filter({hasText: 'b.md'}).focus();
  await home.keyboard.press('ArrowRight');
  await home.keyboard.press('Shift+ArrowRight');
  await expect(picked(home).getByText('2 selected')).toBeVisible();
});

test('a picture that is high stays in its tile, whole', async ({home, user}) => {
  const drawn = await home.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [400, 640];
    canvas.getContext('2d')!.fillRect(0, 0, 400, 640);
    return canvas.toDataURL();
  });
  await user.put('high.png', Buffer.from(drawn.split(',')[1]!, 'base64'));
  await home.reload();
  await home.getByRole('button', {name: 'Show as tiles'}).click();
  const tile = home.getByRole('gridcell').filter({hasText: 'high.png'});
  await expect(tile.locator('canvas')).toBeVisible();
  const [all, canvas, name] = await Promise.all(
    [tile, tile.locator('canvas'), tile.getByText('high.png')].map((l) => l.boundingBox()));
  expect(all!.height).toBeLessThanOrEqual(168);
  expect(canvas!.y).toBeGreaterThanOrEqual(all!.y);
  expect(canvas!.y + canvas!.height).toBeLessThanOrEqual(name!.y);
  expect(name!.y + name!.height).toBeLessThanOrEqual(all!.y + all!.height);
});

test('a folder that is empty or not there says so', async ({home, user, watch}) => {
  watch.allow(/status of 404/);
  await user.folder('empty');
  await home.goto(`/files/${user.name}/empty`);
  await expect(home.getByText('This folder is empty')).toBeVisible();
  await expectAccessible(home);
  await home.goto(`/files/${user.name}/gone`);
  await expect(home.getByText('It is not there, or you have no right to see it.')).toBeVisible();
  await expect(home.getByText(/^Request /)).toBeVisible();
  await expect(home.getByRole('button', {name: 'Try again'})).toBeVisible();
  await expectAccessible(home);
});

test('axe finds nothing on the list, with and without a selection', async ({home}) => {
  await expect(row(home, 'b.md')).toBeVisible();
  await expectAccessible(home);
  await home.getByRole('checkbox', {name: 'Select b.md'}).click();
  await expectAccessible(home);
  await row(home, 'b.md').getByRole('button', {name: 'Actions'}).click();
  await expectAccessible(home);
});

test('what another session changed is there when one comes back, and nothing else moves', async ({
  home, user
}) => {
  await user.folder('both');
  for (let i = 10; i < 90; i += 10)
    await Promise.all(Array.from({length: 10}, (_, k) => user.put(`both/file ${i + k}`, '')));
  await home.goto(`/files/${user.name}/both`);
  await row(home, 'file 10').click({position: {x: 300, y: 10}});
  for (let i = 0; i < 50; ++i) await home.keyboard.press('ArrowDown');
  await home.keyboard.press('Space');
  await expect(row(home, 'file 60')).toBeFocused();
  const before = await row(home, 'file 60').evaluate((element) => {
    const seen = window as unknown as {kept: Element; least: number};
    seen.kept = element;
    seen.least = Infinity;
    const grid = element.closest('[role=grid]')!;
    const look = () =>
      (seen.least = Math.min(seen.least, grid.querySelectorAll('[role=row]').length));
    new MutationObserver(look).observe(grid, {childList: true, subtree: true});
    return element.getBoundingClientRect().top;
  });
  await user.put('both/file 61', 'longer now');
  await user.put('both/file 999', '');
  await user.json('DELETE', `/files/${user.name}/both/file%2065`);
  await expect(row(home, 'file 65')).toBeVisible();
  const comeBack = () => home.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(async () => {
    await comeBack();
    await expect(row(home, 'file 65')).toHaveCount(0, {timeout: 500});
  }).toPass();
  await expect(row(home, 'file 61')).toContainText('10 B');
  await expect(row(home, 'file 60')).toBeFocused();
  await expect(row(home, 'file 60')).toHaveAttribute('aria-selected', 'true');
  const after = await row(home, 'file 60').evaluate((element) => {
    const seen = window as unknown as {kept: Element; least: number};
    const {top} = element.getBoundingClientRect();
    return {same: seen.kept === element, top, least: seen.least};
  });
  expect(after).toMatchObject({same: true, top: before});
  expect(after.least).toBeGreaterThan(10);
  await expect(home.getByRole('grid')).toHaveAttribute('aria-rowcount', '81');

  // Not more often than every few seconds, however often one comes and goes.
  let asked = 0;
  home.on('request', (request) => (asked += request.url().includes('/api/v1/dirs/') ? 1 : 0));
  await home.waitForTimeout(3100);
  for (let i = 0; i < 10; ++i) await comeBack();
  await home.waitForTimeout(300);
  expect(asked).toBe(1);
});

test('after an action of one\'s own the list knows what others did meanwhile', async ({
  home, user
}) => {
  await expect(row(home, 'b.md')).toBeVisible();
  await user.put('theirs.txt', '');
  await home.getByRole('button', {name: 'New folder'}).click();
  await home.getByRole('dialog').getByLabel('Name').fill('mine');
  await home.keyboard.press('Enter');
  await expect(row(home, 'mine')).toBeFocused();
  await expect(row(home, 'theirs.txt')).toBeVisible();
  await expect(row(home, 'mine')).toBeFocused();
});

test('a long folder comes page by page, and few of its rows are in the document', async ({
  home, user
}) => {
  await user.folder('long');
  const count = 1500;
  for (let i = 0; i < count; i += 10)
    await Promise.all(Array.from({length: 10}, (_, k) =>
      user.put(`long/file ${String(i + k).padStart(4, '0')}`, '')));
  await home.goto(`/files/${user.name}/long`);
  await expect(row(home, 'file 0000')).toBeVisible();
  await row(home, 'file 0000').focus();
  for (let i = 0; i < 8; ++i) await home.keyboard.press('End');
  await expect(async () => {
    await home.keyboard.press('End');
    await expect(row(home, 'file 1499')).toBeFocused({timeout: 500});
  }).toPass();
  expect(await list(home).getByRole('row').count()).toBeLessThan(60);
  await home.keyboard.press('Home');
  await expect(row(home, 'file 0000')).toBeFocused();
});

test('pictures for the README, where a folder for them is named', async ({page, admin, server}) => {
  const folder = process.env.BALUHOST_TEST_PICTURES;
  test.skip(!folder);
  await admin.post('/users', {username: 'anna', password: 'a fine pass phrase'});
  const anna = await new Api(server, 'anna').login();
  for (const name of ['Contracts/lease.pdf', 'Invoices/jan.csv', 'Photos/dunes.jpg',
                      'annual report.pdf', 'board minutes.md', 'ledger.csv', 'main.cpp',
                      'theme song.mp3', 'Zeitplan Ölpumpe.xlsx'])
    await anna.put(name, name.repeat(name.length ** 2));
  await page.setViewportSize({width: 1100, height: 560});
  await page.goto('/');
  await signIn(page, 'anna');
  await row(page, 'board minutes.md').click({position: {x: 400, y: 10}});
  await page.getByRole('button', {name: 'Details'}).click();
  await page.mouse.move(0, 0);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({colorScheme, reducedMotion: 'reduce'});
    await page.screenshot({path: `${folder}/files-${colorScheme}.png`});
  }
});
