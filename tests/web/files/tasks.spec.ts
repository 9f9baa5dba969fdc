// What files.spec.ts does by mouse alone is done here by keyboard, and the other way round: see the
// table in docs/web.md.
import {createHash} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import type {Locator, Page} from '@playwright/test';
import {list, names, picked, picture, putSome, row, takeNames} from '../support/files.ts';
import {type Api, expect, expectAccessible, test} from '../support/test.ts';

const tile = (page: Page, name: string) => list(page).getByRole('gridcell').filter({hasText: name});
const item = (page: Page, name: string) => page.getByRole('menuitem', {name});
/** What the list shows, in its order. */
const order = (page: Page) => list(page).locator('bdi:not(small *)').allTextContents();

/** Presses Tab, as who has no mouse, until it has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let i = 0; i < 60; ++i) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab does not lead there');
}

test.beforeEach(async ({user}) => putSome(user));

test('a move goes to another folder only, and the focus stays where the work is', async ({
  home, user
}) => {
  const menu = async (name: string, what: string) => {
    await row(home, name).getByRole('button', {name: `Actions for ${name}`}).click();
    await item(home, what).click();
  };
  const dialog = home.getByRole('dialog');
  await menu('c.bin', 'Move');
  await expect(dialog.getByText('What is to be moved is in here already.')).toBeVisible();
  await expect(dialog.getByRole('button', {name: 'Move here'})).toBeDisabled();
  await expectAccessible(home);
  await dialog.getByRole('button', {name: 'notes'}).click();
  await expect(dialog.getByText('What is to be moved')).toHaveCount(0);
  await dialog.getByRole('button', {name: 'Move here'}).click();
  await expect(row(home, 'c.bin')).toHaveCount(0);
  await expect(row(home, 'b.md')).toBeFocused();
  expect(await names(user, 'notes')).toEqual(['a.txt', 'c.bin']);
  // A copy may lie beside what it is of.
  await menu('b.md', 'Copy');
  await dialog.getByRole('button', {name: 'Copy here'}).click();
  await expect(row(home, 'b (2).md')).toBeFocused();
});

test('messages do not hide the uploads where there is little room', async ({home}) => {
  await home.setViewportSize({width: 360, height: 740});
  await home.locator('input[type=file][multiple]').setInputFiles(
    {name: 'up.txt', mimeType: 'text/plain', buffer: Buffer.from('x')});
  await expect(home.getByText('One file uploaded')).toBeVisible();
  await row(home, 'c.bin').getByRole('button', {name: 'Actions for c.bin'}).click();
  await item(home, 'Delete').click();
  const undo = home.getByRole('button', {name: 'Undo'});
  await expect(undo).toBeVisible();
  const tray = (await home.getByRole('region', {name: 'Uploads'}).boundingBox())!;
  const message = (await undo.locator('..').boundingBox())!;
  expect(message.y + message.height).toBeLessThan(tray.y);
  expect(message.y).toBeGreaterThan(48);
  await undo.click();
  await expect(row(home, 'c.bin')).toBeVisible();
});

test('a list is sorted by its heads, and by a menu where it has none', async ({home, user}) => {
  await user.put('a.html', 'longest of them all');
  await home.reload();
  await expect(row(home, 'a.html')).toBeVisible();
  expect(await order(home)).toEqual(['notes', 'a.html', 'b.md', 'c.bin']);
  await home.getByRole('button', {name: 'Size'}).click();
  await expect.poll(() => order(home)).toEqual(['notes', 'c.bin', 'b.md', 'a.html']);
  await home.getByRole('button', {name: 'Size'}).click();
  await expect.poll(() => order(home)).toEqual(['notes', 'a.html', 'b.md', 'c.bin']);
  await expect(home).toHaveURL(/sort=-size/);
  await home.reload();
  await expect(home.getByRole('columnheader', {name: 'Size'}))
    .toHaveAttribute('aria-sort', 'descending');
  // By keyboard, in tiles and where there is little room.
  const sort = home.getByRole('button', {name: 'Sort', exact: true});
  const by = (name: string) => home.getByRole('menuitemradio', {name});
  await home.getByRole('button', {name: 'Show as tiles'}).press('Enter');
  await sort.press('Enter');
  await expect(by('Largest first')).toHaveAttribute('aria-checked', 'true');
  await expectAccessible(home);
  await home.keyboard.press('Escape');
  await home.setViewportSize({width: 360, height: 740});
  await expect(home.getByRole('button', {name: 'Menu', exact: true})).toBeVisible();
  await home.evaluate(() => new Promise(requestAnimationFrame)); // a menu goes with a resize
  await sort.press('Enter');
  await by('Name, Z to A').press('Enter');
  await expect.poll(() => order(home)).toEqual(['notes', 'c.bin', 'b.md', 'a.html']);
  await sort.press('ArrowDown');
  await home.keyboard.type('k');
  await expect(by('Kind')).toBeFocused();
  await home.keyboard.press('Enter');
  await expect(home).toHaveURL(/sort=kind/);
  await expect(sort).toBeFocused();
  // By mouse.
  await sort.click();
  await by('Oldest first').click();
  await expect.poll(() => order(home)).toEqual(['notes', 'b.md', 'c.bin', 'a.html']);
});

test('list and tiles change with a selection, and the focus stays with its tile', async ({
  home
}) => {
  await row(home, 'c.bin').focus();
  await home.keyboard.press('Space');
  await expect(picked(home).getByText('One selected')).toBeVisible();
  await tabTo(home, home.getByRole('button', {name: 'Show as tiles'}));
  await home.keyboard.press('Enter');
  await expect(tile(home, 'c.bin')).toHaveAttribute('aria-selected', 'true');
  await tile(home, 'c.bin').focus();
  // Two come before it, and it goes to another line.
  await home.setViewportSize({width: 640, height: 700});
  await home.getByLabel('Upload files').setInputFiles(['a1', 'a2', 'a3'].map((name) =>
    ({name, mimeType: 'text/plain', buffer: Buffer.from('x')})));
  await expect(tile(home, 'a3')).toBeVisible();
  await expect(tile(home, 'c.bin')).toBeFocused();
  await home.keyboard.press('Delete');
  await expect(home.getByText('“c.bin” moved to the trash.')).toBeVisible();
  await expect(tile(home, 'c.bin')).toBeHidden();
  await expect(tile(home, 'b.md')).toBeFocused(); // it is the last one now
  await home.getByRole('button', {name: 'Show as list'}).click();
  await expect(row(home, 'b.md')).toBeVisible();
});

test('the menu of an entry comes by the right button, and by its key', async ({home, user}) => {
  await row(home, 'b.md').click({button: 'right', position: {x: 300, y: 12}});
  await expect(item(home, 'Preview')).toBeFocused();
  await home.keyboard.press('Escape');
  await expect(row(home, 'b.md')).toBeFocused();
  await row(home, 'b.md').dispatchEvent('contextmenu'); // as the key makes it
  await expectAccessible(home);
  await row(home, 'b.md').focus();
  await row(home, 'b.md').dispatchEvent('contextmenu');
  await item(home, 'Rename').press('Enter');
  await home.keyboard.type('readme');
  await home.keyboard.press('Enter');
  await expect(row(home, 'readme.md')).toBeFocused();
  await home.getByRole('button', {name: 'Show as tiles'}).click();
  await tile(home, 'c.bin').click({button: 'right'});
  await item(home, 'Delete').click();
  await expect(tile(home, 'c.bin')).toBeHidden();
  expect(await names(user)).toEqual(['notes', 'readme.md']);
});

test('by mouse a file is renamed, copied by a dialog and by drag', async ({home, user}) => {
  await row(home, 'c.bin').getByRole('button', {name: 'Actions'}).click();
  await item(home, 'Rename').click();
  await home.getByLabel('New name for c.bin').fill('d.bin');
  await home.mouse.click(700, 600); // elsewhere: it is taken
  await expect(row(home, 'd.bin')).toBeVisible();
  await home.getByRole('checkbox', {name: 'Select d.bin'}).click();
  await picked(home).getByRole('button', {name: 'Copy'}).click();
  await home.getByRole('dialog').getByRole('button', {name: 'notes'}).click();
  await home.getByRole('button', {name: 'Copy here'}).click();
  await expect(home.getByText('Copied to notes.')).toBeVisible();
  await home.keyboard.down('Control');
  await row(home, 'b.md').dragTo(row(home, 'notes'));
  await home.keyboard.up('Control');
  await expect.poll(() => names(user, 'notes')).toEqual(['a.txt', 'b.md', 'd.bin']);
  expect(await names(user)).toEqual(['b.md', 'd.bin', 'notes']);
});

/** Moves what is chosen into the folder "notes", by keyboard. */
async function moveToNotes(home: Page) {
  for (const button of [
    picked(home).getByRole('button', {name: 'Move'}),
    home.getByRole('dialog').getByRole('button', {name: 'notes'}),
    home.getByRole('button', {name: 'Move here'})
  ]) {
    await tabTo(home, button);
    await home.keyboard.press('Enter');
  }
}

test('by keyboard files move, and a name that is taken is skipped for all', async ({
  home, user
}) => {
  await takeNames(home, user);
  await home.keyboard.press('Space');
  await home.keyboard.press('Shift+ArrowDown');
  await moveToNotes(home);
  await expect(home.getByRole('heading', {name: 'The name is taken'})).toBeVisible();
  await tabTo(home, home.getByRole('dialog').getByRole('checkbox'));
  await home.keyboard.press('Space');
  await tabTo(home, home.getByRole('button', {name: 'Skip'}));
  await home.keyboard.press('Enter');
  await expect(home.getByRole('dialog')).toBeHidden();
  expect(await names(user)).toEqual(['b.md', 'c.bin', 'notes']);
  // Without what is taken there it moves, and comes back.
  await user.json('DELETE', `/files/${user.name}/notes/b.md`);
  await row(home, 'b.md').focus();
  await home.keyboard.press('Escape');
  await home.keyboard.press('Space');
  await moveToNotes(home);
  await expect(row(home, 'b.md')).toBeHidden();
  await tabTo(home, home.getByRole('button', {name: 'Undo'}));
  await home.keyboard.press('Enter');
  await expect(row(home, 'b.md')).toBeVisible();
});

test('by keyboard one gets to the details, copies the hash, and up the path', async ({
  home, context
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const clipboard = () => home.evaluate(() => navigator.clipboard.readText());
  const hash = createHash('sha256').update('first').digest('hex');
  await row(home, 'notes').focus();
  await home.keyboard.press('Enter');
  await row(home, 'a.txt').focus();
  await home.keyboard.press('Space');
  await tabTo(home, home.getByRole('button', {name: 'Details'}));
  await home.keyboard.press('Enter');
  const pane = home.getByRole('complementary', {name: 'Details'});
  await tabTo(home, pane.getByRole('button', {name: 'Copy'}));
  await home.keyboard.press('Enter');
  await expect.poll(clipboard).toBe(hash);
  await home.evaluate(() => navigator.clipboard.writeText(''));
  await pane.getByRole('button', {name: 'Copied'}).click();
  await expect.poll(clipboard).toBe(hash);
  // Times are as the browser's English has them.
  const time = pane.getByRole('time').first();
  await expect(time).toHaveText(/^\d{1,2} \w{3} \d{4}, \d\d:\d\d$/);
  await home.getByRole('link', {name: 'My files'}).press('Enter');
  await expect(row(home, 'notes')).toBeVisible();
});

test('a question of the details stays where the window gets narrow', async ({home, user}) => {
  await user.put('c.bin', 'another');
  await home.reload();
  await row(home, 'c.bin').click({position: {x: 400, y: 10}});
  await home.getByRole('button', {name: 'Details'}).click();
  const pane = home.getByRole('complementary', {name: 'Details'});
  await row(home, 'c.bin').getByRole('button', {name: 'Actions'}).click();
  await item(home, 'Versions').click(); // they are there at once
  await pane.getByRole('button', {name: /^Version of/}).nth(1).click();
  await item(home, 'Delete').click();
  await home.setViewportSize({width: 900, height: 800});
  const confirm = home.getByRole('button', {name: 'Delete for good'});
  await expect(confirm).toBeVisible();
  await expect(pane.getByText('SHA-256')).toBeHidden();
  await confirm.click();
  await expect(confirm).toBeHidden();
  await expect.poll(async () => (await user.get(`/versions/${user.name}/c.bin`)).items.length)
    .toBe(1);
});

test('files to upload are picked by mouse and by keyboard', async ({home, user}) => {
  const upload = home.getByRole('button', {name: 'Upload', exact: true});
  const file = (name: string) => ({name, mimeType: 'text/plain', buffer: Buffer.from(name)});
  let chooser = home.waitForEvent('filechooser');
  await upload.click();
  await item(home, 'Upload files').click();
  await (await chooser).setFiles([file('by mouse')]);
  await expect(row(home, 'by mouse')).toBeVisible();
  await home.reload();
  chooser = home.waitForEvent('filechooser');
  await tabTo(home, upload);
  await home.keyboard.press('Enter');
  await home.keyboard.press('Enter'); // the first of the menu
  await (await chooser).setFiles([file('by key')]);
  await expect(row(home, 'by key')).toBeVisible();
  expect(await names(user)).toEqual(['b.md', 'by key', 'by mouse', 'c.bin', 'notes']);
});

test('uploads are tried again, paused and cancelled by keyboard', async ({
  home, user, watch
}, testInfo) => {
  watch.allow(/status of (507|404)/);
  const tray = home.getByRole('region', {name: 'Uploads'});
  const put = `**/api/v1/files/${user.name}/full.txt?*`;
  await home.route(put, (route) => route.fulfill({
    status: 507, contentType: 'application/problem+json',
    body: JSON.stringify({code: 'insufficient_storage', request_id: 'r-1', status: 507})
  }));
  await home.getByLabel('Upload files').setInputFiles(
    [{name: 'full.txt', mimeType: 'text/plain', buffer: Buffer.from('x')}]);
  await expect(tray.getByText('The server’s disk is full. Tell whoever runs it.')).toBeVisible();
  await expectAccessible(home);
  await home.unroute(put);
  await tabTo(home, tray.getByRole('button', {name: 'Try full.txt again'}));
  await home.keyboard.press('Enter');
  await expect(row(home, 'full.txt')).toBeVisible();
  await home.route('**/api/v1/uploads/*', async (route) => {
    if (route.request().method() === 'PATCH') await new Promise((done) => setTimeout(done, 300));
    await route.continue();
  });
  const big = testInfo.outputPath('big.bin'); // from memory it may take long to get to the browser
  writeFileSync(big, Buffer.alloc(40 * 1024 * 1024));
  await home.getByLabel('Upload files').setInputFiles(big);
  await expect(tray.getByRole('listitem').getByText(/ of 40 MiB · /)).toBeVisible();
  await tabTo(home, tray.getByRole('button', {name: 'Pause big.bin'}));
  await home.keyboard.press('Enter');
  await expect(tray.getByText(/^Paused at/)).toBeVisible();
  await tabTo(home, tray.getByRole('button', {name: 'Cancel big.bin'}));
  await home.keyboard.press('Enter');
  await tabTo(home, home.getByRole('button', {name: 'End upload'}));
  await home.keyboard.press('Enter');
  await expect(tray.getByText('big.bin')).toBeHidden();
  await expect.poll(async () => (await user.get('/uploads')).items).toEqual([]);
});

test('a preview goes on by mouse, and shows a picture', async ({home, user}) => {
  await user.put('d.png', picture);
  await home.reload();
  await row(home, 'c.bin').getByRole('button', {name: 'c.bin', exact: true}).click();
  const dialog = home.getByRole('dialog');
  await dialog.getByRole('button', {name: 'Next file'}).click();
  const image = dialog.getByRole('img', {name: 'd.png'});
  await expect(image).toBeVisible();
  expect(await image.evaluate((element) => (element as HTMLImageElement).naturalWidth)).toBe(2);
  await dialog.getByRole('button', {name: 'Previous file'}).click();
  await dialog.getByRole('button', {name: 'Previous file'}).click();
  await expect(dialog.getByText('# Title')).toBeVisible();
  await dialog.getByRole('button', {name: 'Close'}).click();
  await expect(dialog).toBeHidden();
});

test('by keyboard a link is made, copied and ended; by mouse a person is let in', async ({
  home, context
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await row(home, 'b.md').focus();
  await home.keyboard.press('Space');
  await tabTo(home, picked(home).getByRole('button', {name: 'Share'}));
  await home.keyboard.press('Enter');
  await tabTo(home, home.getByLabel('Password (optional)', {exact: true}));
  await home.keyboard.type('open says me');
  await tabTo(home, home.getByLabel('Number of uses (optional)', {exact: true}));
  await home.keyboard.type('3');
  await home.keyboard.press('Enter');
  await expect(home.getByText('View and download · with a password')).toBeVisible();
  await expect(home.getByText(/used 0 of 3 times/)).toBeVisible();
  const url = await home.getByRole('status', {name: 'Link'}).innerText();
  await tabTo(home, home.getByRole('dialog').getByRole('button', {name: 'Copy', exact: true}));
  await home.keyboard.press('Enter');
  await expect.poll(() => home.evaluate(() => navigator.clipboard.readText())).toBe(url);
  await tabTo(home, home.getByRole('button', {name: 'End link'}));
  await home.keyboard.press('Enter');
  await expect(home.getByText('View and download · with a password')).toBeHidden();
  await home.getByRole('tab', {name: 'With people'}).click();
  await expect(home.getByLabel('Name of the person')).toHaveAccessibleDescription(
    /Counts only if somebody of that name already has an account\./);
  await home.getByLabel('Name of the person').fill('admin');
  await home.getByRole('dialog').getByRole('button', {name: 'Share', exact: true}).click();
  await expect(home.getByRole('listitem').filter({hasText: 'admin'})).toBeVisible();
  await expect(home.getByRole('dialog').locator('.said')).toHaveText(
    'Given to admin, if somebody of that name has an account.');
  await expect(home.getByLabel('Name of the person')).toBeFocused();
});

test('the keys of a page are listed by one of them, which can be put out, and by the menu', async ({
  home, user
}) => {
  await putSome(user);
  await home.reload();
  await row(home, 'b.md').focus();
  await home.keyboard.press('?');
  const dialog = home.getByRole('dialog', {name: 'Keyboard shortcuts'});
  const account = home.getByRole('button', {name: user.name, exact: true});
  const line = (what: string) => dialog.locator('dl > div').filter({hasText: what});
  await expect(line('Rename')).toContainText('F2');
  await expect(line('Select all')).toContainText('Ctrl A');
  await expect(line('Show this list')).toContainText('?');
  await expectAccessible(home);
  await home.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(row(home, 'b.md')).toBeFocused();
  // Where one writes it is a letter.
  await home.getByRole('searchbox').focus();
  await home.keyboard.press('?');
  await expect(home.getByRole('searchbox')).toHaveValue('?');
  await expect(dialog).toBeHidden();

  await account.click();
  await home.getByRole('menuitem', {name: 'Keyboard shortcuts'}).click();
  await dialog.getByLabel('Show this list by the key “?”').uncheck();
  await dialog.getByRole('button', {name: 'Close'}).click();
  await row(home, 'b.md').focus();
  await home.keyboard.press('?');
  await expect(dialog).toBeHidden();
  await home.goto('/trash');
  await account.click();
  await home.getByRole('menuitem', {name: 'Keyboard shortcuts'}).click();
  await expect(line('Delete for good')).toBeVisible();
  await expect(line('Rename')).toBeHidden();
});
