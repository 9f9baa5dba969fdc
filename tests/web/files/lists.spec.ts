// How a folder's list is ordered and chosen from, what others' folders offer, and where the focus
// goes in the dialog that looks for a folder.
import type {Page} from '@playwright/test';
import {list, picked, putSome, row} from '../support/files.ts';
import {type Api, expect, expectAccessible, makeUser, test} from '../support/test.ts';

async function shown(page: Page): Promise<string[]> {
  return list(page).locator('[data-index]').evaluateAll((rows) =>
    (rows as HTMLElement[])
      .sort((a, b) => Number(a.dataset.index) - Number(b.dataset.index))
      .map((element) => element.querySelector('.link')!.textContent!));
}

async function grant(from: Api, path: string, to: Api, rights: string[]) {
  const at = `/${from.name}${path && '/' + path}`;
  await from.json('PUT', '/grants', {path: at, grantee: to.name, rights});
}

test('names stand as people order them, folders first', async ({home, user}) => {
  for (const name of ['Zebra.txt', 'apple.txt', 'file10', 'file2', 'Öl', 'File1'])
    await user.put(name, name);
  await user.folder('zoo');
  await user.folder('Bar');
  await home.reload();
  const up = ['Bar', 'zoo', 'apple.txt', 'File1', 'file2', 'file10', 'Öl', 'Zebra.txt'];
  await expect(row(home, 'zoo')).toBeVisible();
  await expect.poll(() => shown(home)).toEqual(up);
  await home.getByRole('button', {name: 'Name', exact: true}).click();
  await expect.poll(() => shown(home)).toEqual([
    'zoo', 'Bar', 'Zebra.txt', 'Öl', 'file10', 'file2', 'File1', 'apple.txt'
  ]);
  // What comes takes its place in that order.
  await home.getByRole('button', {name: 'Name', exact: true}).click();
  await home.getByLabel('Upload files').setInputFiles(
    [{name: 'file3', mimeType: 'text/plain', buffer: Buffer.from('x')}]);
  await expect.poll(() => shown(home)).toEqual(up.toSpliced(5, 0, 'file3'));
});

test('a folder of more than a page keeps the order of the server, and all of it is chosen', async ({
  home, user, watch
}) => {
  await user.folder('long');
  for (let i = 0; i < 1010; i += 10)
    await Promise.all(Array.from({length: 10}, (_, k) => user.put(`long/f${i + k}`, '')));
  await home.goto(`/files/${user.name}/long`);
  await expect(row(home, 'f0')).toBeVisible();
  expect((await shown(home)).slice(0, 5)).toEqual(['f0', 'f1', 'f10', 'f100', 'f1000']);
  // All are all that there are, and not those that came yet.
  const all = home.getByRole('checkbox', {name: 'Select all'});
  await all.click();
  await expect(picked(home).getByText('1,010 selected')).toBeVisible();
  expect(await all.evaluate((box: HTMLInputElement) => box.indeterminate)).toBe(false);
  await all.click();
  await expect(picked(home)).toBeHidden();
  for (const view of ['list', 'tiles']) {
    await home.reload();
    if (view === 'tiles') await home.getByRole('button', {name: 'Show as tiles'}).click();
    await list(home).locator('[data-index="0"]').focus();
    await home.keyboard.press('Control+a');
    await expect(picked(home).getByText('1,010 selected')).toBeVisible();
  }
  // What comes slowly is told; nothing is chosen where the rest does not come.
  await home.reload();
  await home.route(/limit=1000&cursor/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.abort('connectionrefused');
  });
  watch.allow(/ERR_CONNECTION_REFUSED/);
  await expect(row(home, 'f0')).toBeVisible();
  await home.keyboard.press('Control+a');
  await expect(picked(home)).toBeHidden();
  await expect(home.getByText('The server cannot be reached.')).toBeVisible();
  await expect(picked(home)).toBeHidden();
});

test('all are chosen at the head of the list, and by Ctrl and A wherever the focus is', async ({
  home, user
}) => {
  await putSome(user);
  await home.reload();
  const all = home.getByRole('checkbox', {name: 'Select all'});
  const state = () => all.evaluate((box: HTMLInputElement) =>
    box.indeterminate ? 'some' : box.checked ? 'all' : 'none');
  await expect(row(home, 'b.md')).toBeVisible();
  expect(await state()).toBe('none');
  await home.getByRole('checkbox', {name: 'Select b.md'}).click();
  expect(await state()).toBe('some');
  await expectAccessible(home);
  await all.click();
  await expect(picked(home).getByText('3 selected')).toBeVisible();
  expect(await state()).toBe('all');
  await all.click();
  await expect(picked(home)).toBeHidden();
  expect(await state()).toBe('none');
  await all.focus();
  await home.keyboard.press('Space');
  expect(await state()).toBe('all');
  await home.getByRole('checkbox', {name: 'Select b.md'}).click();
  expect(await state()).toBe('some');
  await picked(home).getByRole('button', {name: 'Clear selection'}).click();
  await home.locator('main').focus();
  await home.keyboard.press('Control+a');
  await expect(picked(home).getByText('3 selected')).toBeVisible();
  await picked(home).getByRole('button', {name: 'Clear selection'}).click();
  // Where one writes it is the field's own.
  await home.getByRole('searchbox').fill('words');
  await home.getByRole('searchbox').press('Control+a');
  await expect(picked(home)).toBeHidden();
});

test('Shift reaches from box to box, by mouse and by keyboard', async ({home, user}) => {
  await Promise.all([1, 2, 3, 4, 5].map((i) => user.put(`f${i}`, '')));
  await home.reload();
  const box = (i: number) => home.getByRole('checkbox', {name: `Select f${i}`});
  const boxes = () => Promise.all([1, 2, 3, 4, 5].map((i) => box(i).isChecked()));
  await box(2).click();
  await box(4).click({modifiers: ['Shift']});
  await expect(picked(home).getByText('3 selected')).toBeVisible();
  expect(await boxes()).toEqual([false, true, true, true, false]);
  // One that was chosen already stays so: the range ends there.
  await box(3).click({modifiers: ['Shift']});
  await expect(picked(home).getByText('2 selected')).toBeVisible();
  expect(await boxes()).toEqual([false, true, true, false, false]);

  await row(home, 'f5').focus();
  await home.keyboard.press('Shift+Space');
  await expect(picked(home).getByText('4 selected')).toBeVisible();
  await home.keyboard.press('Escape');
  await box(1).focus();
  await home.keyboard.press('Space');
  await box(2).focus();
  await home.keyboard.press('Shift+Space');
  expect(await boxes()).toEqual([true, true, false, false, false]);
  await picked(home).getByRole('button', {name: 'Clear selection'}).click();

  await home.getByRole('button', {name: 'Show as tiles'}).click();
  const tile = (name: string) => home.getByRole('gridcell').filter({hasText: name});
  await tile('f1').focus();
  await home.keyboard.press('Space');
  await tile('f3').focus();
  await home.keyboard.press('Shift+Space');
  await expect(picked(home).getByText('3 selected')).toBeVisible();
});

test('a folder that is shared to read offers no more, and says why', async ({
  home, admin, server, user
}) => {
  const bert = await makeUser(admin, server);
  await bert.put('public/read.txt', 'one');
  await bert.put('public/read.txt', 'two');
  await bert.put('public/mine.txt', 'three');
  await grant(bert, 'public', user, ['read']);
  await grant(bert, 'public/mine.txt', user, ['read', 'write', 'delete']);
  await home.goto(`/files/${bert.name}/public`);
  const why = `Shared with you by ${bert.name}: you may read here, and nothing else.`;
  await expect(home.getByText(why)).toBeVisible();
  await expect(row(home, 'read.txt')).toBeVisible();
  await expect(home.getByRole('button', {name: 'Upload', exact: true})).toBeHidden();
  await expect(home.getByRole('button', {name: 'New folder'})).toBeHidden();
  await expectAccessible(home);
  const offered = async (name: string) => {
    await row(home, name).getByRole('button', {name: 'Actions'}).click();
    const items = await home.getByRole('menuitem').allTextContents();
    await home.keyboard.press('Escape');
    return items.map((text) => text.trim());
  };
  expect(await offered('read.txt')).toEqual(['Preview', 'Download', 'Versions', 'Copy']);
  // A file may be given more of than its folder; to rename it would be to write there.
  expect(await offered('mine.txt'))
    .toEqual(['Preview', 'Download', 'Versions', 'Move', 'Copy', 'Delete']);
  await home.getByRole('checkbox', {name: 'Select read.txt'}).click();
  await expect(picked(home).getByRole('button')).toHaveCount(3);
  for (const name of ['Download', 'Copy', 'Clear selection'])
    await expect(picked(home).getByRole('button', {name})).toBeVisible();
  await picked(home).getByRole('button', {name: 'Copy'}).click();
  const dialog = home.getByRole('dialog');
  await expect(dialog.getByText('You may not put anything in here.')).toBeVisible();
  await expect(dialog.getByRole('button', {name: 'Copy here'})).toBeDisabled();
  await dialog.getByRole('button', {name: 'Folder above'}).click();
  await expect(dialog.getByText(`/${bert.name}`, {exact: true})).toBeVisible();
  await dialog.getByRole('button', {name: 'Folder above'}).click();
  await dialog.getByRole('button', {name: 'My files'}).click();
  await dialog.getByRole('button', {name: 'Copy here'}).click();
  await expect(home.getByText('Copied to My files.')).toBeVisible();
  await home.getByRole('checkbox', {name: 'Select read.txt'}).click();
  await row(home, 'read.txt').focus();
  await home.keyboard.press('F2');
  await home.keyboard.press('Delete');
  await expect(home.getByLabel('New name for')).toBeHidden();
  await home.getByRole('button', {name: 'Details'}).click();
  const pane = home.getByRole('complementary', {name: 'Details'});
  await pane.locator('summary', {hasText: 'Versions'}).click();
  await pane.getByRole('button', {name: /^Version of/}).nth(1).click();
  expect((await home.getByRole('menuitem').allTextContents()).map((text) => text.trim()))
    .toEqual(['Preview', 'Download']);
  await home.keyboard.press('Escape');

  await grant(bert, 'public', user, ['read', 'write']);
  await home.reload();
  await expect(home.getByText('you may read and write here')).toBeVisible();
  await expect(home.getByRole('button', {name: 'New folder'})).toBeVisible();
  await home.goto(`/files/${bert.name}`);
  await expect(home.getByText(`You see only what ${bert.name} shares with you`)).toBeVisible();
  await expect(home.getByRole('link', {name: 'See what is shared with you'})).toBeVisible();
  await expectAccessible(home);
  await expect(home.getByRole('button', {name: 'Upload', exact: true})).toBeHidden();
  await home.goto(`/files/${user.name}`);
  await expect(home.getByRole('button', {name: 'Upload', exact: true})).toBeVisible();
  await expect(home.getByText('you may read')).toBeHidden();
  const denied = (await user.get('/audit/events?success=false')).items;
  expect(denied).toEqual([]);
});

test('who has nothing yet is told where the things of others lie', async ({
  home, admin, server, user
}) => {
  const hint = home.getByRole('link', {name: 'See what is shared with you'});
  await expect(home.getByText('This folder is empty')).toBeVisible();
  await home.waitForLoadState('networkidle');
  await expect(hint).toBeHidden();
  const bert = await makeUser(admin, server);
  await bert.folder('public');
  await grant(bert, 'public', user, ['read']);
  await home.reload();
  await expect(hint).toBeVisible();
  await expectAccessible(home);
  await hint.click();
  await expect(home.getByRole('link', {name: 'public'})).toBeVisible();
});

test('the focus stays in the list of folders on the way down, up and to a new one', async ({
  home, user
}) => {
  await putSome(user);
  await user.folder('notes/inner');
  await user.folder('zoo');
  await home.reload();
  await row(home, 'b.md').focus();
  await home.keyboard.press('Space');
  await picked(home).getByRole('button', {name: 'Move'}).press('Enter');
  const dialog = home.getByRole('dialog');
  const folder = (name: string) => dialog.getByRole('button', {name, exact: true});
  await folder('notes').focus();
  await home.keyboard.press('ArrowDown');
  await expect(folder('zoo')).toBeFocused();
  await home.keyboard.press('ArrowUp');
  await home.keyboard.press('Enter');
  await expect(folder('inner')).toBeFocused();
  await home.keyboard.press('Enter');
  await expect(dialog.getByRole('list', {name: 'Folders'})).toBeFocused();
  await expectAccessible(home);
  await folder('Folder above').press('Enter');
  await expect(folder('inner')).toBeFocused();
  await folder('Folder above').press('Enter');
  await expect(folder('notes')).toBeFocused();
  await folder('New folder').press('Enter');
  await home.getByRole('textbox', {name: 'Name'}).fill('made');
  await home.keyboard.press('Enter');
  await expect(dialog.getByText(`/${user.name}/made`)).toBeVisible();
  await expect(dialog.getByRole('list', {name: 'Folders'})).toBeFocused();
  await home.getByRole('button', {name: 'Move here'}).press('Enter');
  await expect(row(home, 'b.md')).toBeHidden();
});

for (const view of ['list', 'tiles'] as const)
  test(`the focus goes on in the folder that was opened: ${view}`, async ({home, user}) => {
    await putSome(user);
    await user.put('notes/inner/deep.txt', 'deep');
    await user.folder('notes/inner/none');
    await home.reload();
    if (view === 'tiles') await home.getByRole('button', {name: 'Show as tiles'}).click();
    const entry = (name: string) => view === 'list'
      ? row(home, name) : list(home).getByRole('gridcell', {name, exact: true});
    await entry('notes').focus();
    await home.keyboard.press('Enter');
    await expect(entry('inner')).toBeFocused();
    await home.keyboard.press(view === 'list' ? 'ArrowDown' : 'ArrowRight');
    await expect(entry('a.txt')).toBeFocused();
    if (view === 'list') await home.getByRole('link', {name: 'inner'}).click();
    else await entry('inner').dblclick();
    await expect(entry('none')).toBeFocused();
    await home.keyboard.press('Enter');
    await expect(home.getByRole('heading', {name: 'This folder is empty'})).toBeFocused();
    await home.goBack();
    await expect(entry('none')).toBeFocused();
    await home.goBack();
    await expect(entry('inner')).toBeFocused();
    await home.goForward();
    await expect(entry('none')).toBeFocused();
    await home.getByRole('navigation', {name: 'Folder path'}).getByText('My files').click();
    await expect(entry('notes')).toBeFocused();
    // Who writes meanwhile goes on writing.
    await home.getByRole('searchbox').focus();
    await home.goBack();
    await expect(entry('deep.txt')).toBeVisible();
    await expect(home.getByRole('searchbox')).toBeFocused();
  });

test('the page is as high as the window, and messages stand beside the uploads', async ({
  home, user
}) => {
  await putSome(user);
  await home.reload();
  await expect(row(home, 'b.md')).toBeVisible();
  const over = () => home.evaluate(() => {
    const {scrollHeight, clientHeight, scrollWidth, clientWidth} = document.documentElement;
    return [scrollHeight - clientHeight, scrollWidth - clientWidth];
  });
  expect(await over()).toEqual([0, 0]);
  await home.getByLabel('Upload files').setInputFiles(
    [{name: 'new.txt', mimeType: 'text/plain', buffer: Buffer.from('x')}]);
  await expect(row(home, 'new.txt')).toBeVisible();
  await row(home, 'b.md').focus();
  await home.keyboard.press('Delete');
  const message = home.getByRole('region', {name: 'Messages'}).locator('.toast');
  await expect(message).toBeVisible();
  for (const width of [320, 360, 719, 720, 1000, 1280, 1920]) {
    await home.setViewportSize({width, height: 800});
    const one = (await message.boundingBox())!;
    const other = (await home.getByRole('region', {name: 'Uploads'}).boundingBox())!;
    const apart = one.x + one.width <= other.x || one.y + one.height <= other.y;
    expect(apart, `at ${width}`).toBe(true);
    expect(one.x, `at ${width}`).toBeGreaterThanOrEqual(0);
    expect(await over(), `at ${width}`).toEqual([0, 0]);
  }
});

test('a folder that was opened without a line is there when that is back', async ({
  home, user, watch
}) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  await putSome(user);
  await home.reload();
  await expect(row(home, 'notes')).toBeVisible();
  await home.context().setOffline(true);
  await home.getByRole('link', {name: 'notes'}).click();
  await expect(home.getByText('The server cannot be reached.')).toBeVisible();
  await expect(home.getByText('No connection. What was begun goes on by itself')).toBeVisible();
  await expectAccessible(home);
  await home.context().setOffline(false);
  await expect(row(home, 'a.txt')).toBeVisible();
});

test('a folder that was opened while the server was away is there when that is back', async ({
  home, user, watch
}) => {
  watch.allow(/ERR_CONNECTION_REFUSED/);
  await putSome(user);
  await home.reload();
  await expect(row(home, 'notes')).toBeVisible();
  await home.route('**/api/v1/dirs/**', (route) => route.abort('connectionrefused'));
  await home.getByRole('link', {name: 'notes'}).click();
  await expect(home.getByText('The server cannot be reached.')).toBeVisible();
  await home.unroute('**/api/v1/dirs/**'); // the browser itself tells of nothing
  await expect(row(home, 'a.txt')).toBeVisible();
});

test('what has the focus is seen above the uploads, wide and narrow', async ({home, user}) => {
  await user.folder('many');
  for (let i = 0; i < 60; i += 10)
    await Promise.all(Array.from({length: 10}, (_, k) => user.put(`many/${i + k}`, '')));
  await home.goto(`/files/${user.name}/many`);
  await expect(row(home, '0')).toBeVisible();
  await home.getByLabel('Upload files').setInputFiles(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name) =>
      ({name, mimeType: 'text/plain', buffer: Buffer.from('x')})));
  const tray = home.getByRole('region', {name: 'Uploads'});
  await expect(tray.getByText('9 files uploaded')).toBeVisible();
  for (const width of [1280, 360]) {
    await home.setViewportSize({width, height: 740});
    for (const view of ['Show as tiles', 'Show as list']) {
      await home.getByRole('button', {name: view}).click();
      await list(home).locator('[data-index][tabindex="0"]').focus();
      await home.keyboard.press('Home');
      await home.keyboard.press('End');
      const last = list(home).locator('[data-index]:focus');
      await expect(last).toContainText('i');
      await expect(async () => {
        const bottom = (box: {y: number; height: number} | null) => box!.y + box!.height;
        expect(bottom(await last.boundingBox())).toBeLessThanOrEqual((await tray.boundingBox())!.y);
      }, `${view} at ${width}`).toPass({timeout: 5000});
    }
  }
});
