// What is said of what was done, with its way back.
import type {Locator, Page} from '@playwright/test';
import {expect, expectAccessible, test} from '../support/test.ts';
import {messages, names, rename, row} from '../support/files.ts';

const undo = (page: Page) => messages(page).getByRole('button', {name: 'Undo'});

/** Whole, and nothing lies over it. */
async function expectInView(button: Locator): Promise<void> {
  await expect(button).toBeInViewport({ratio: 1});
  await button.click({trial: true});
}

test('a message of a long name has its buttons in view', async ({home, user}) => {
  const long = 'a'.repeat(200);
  await user.put('b.md', 'x');
  await home.reload();
  for (const width of [1280, 360]) {
    await home.setViewportSize({width, height: 740});
    await rename(home, 'b.md', long);
    await expectInView(messages(home).getByRole('button', {name: 'Hide'}));
    await expectInView(undo(home));
    await undo(home).click();
    await expect(row(home, 'b.md')).toBeFocused();
    expect(await names(user)).toEqual(['b.md']);
    await messages(home).getByRole('button', {name: 'Hide'}).click();
  }
  await rename(home, 'b.md', long);
  await expectAccessible(home);
});

test('only the last of what was done to an entry is undone', async ({home, user}) => {
  await user.put('one.md', 'x');
  await user.put('other.md', 'x');
  await home.reload();
  await rename(home, 'one.md', 'two.md');
  await rename(home, 'other.md', 'another.md');
  await expect(undo(home)).toHaveCount(2);
  await rename(home, 'two.md', 'three.md');
  await expect(undo(home)).toHaveCount(2);
  await undo(home).last().click();
  await expect(row(home, 'two.md')).toBeFocused();
  await undo(home).click();
  await expect(row(home, 'other.md')).toBeFocused();
  expect(await names(user)).toEqual(['other.md', 'two.md']);
});

test('a way back is to be had over a dialog, and stays when that closes', async ({home, user}) => {
  await user.put('one.md', 'x');
  await user.put('other.md', 'x');
  await home.reload();
  for (const width of [1280, 360]) {
    await home.setViewportSize({width, height: 740});
    await rename(home, 'one.md', 'two.md');
    await home.getByRole('button', {name: 'New folder'}).click();
    const dialog = home.getByRole('dialog');
    await expectInView(undo(home));
    await undo(home).click();
    await expect(row(home, 'one.md')).toBeVisible();
    await expect(dialog).toBeVisible();
    expect(await names(user)).toEqual(['one.md', 'other.md']);
    await expectAccessible(home);
    await dialog.getByRole('button', {name: 'Cancel'}).click();
    await expect(dialog).toBeHidden();
    await messages(home).getByRole('button', {name: 'Hide'}).click();
    await expect(messages(home).getByRole('group')).toHaveCount(0);
  }
});

test('where there is little room one message is shown, and not over what is pressed', async ({
  home, user
}) => {
  await user.put('one.md', 'x');
  await user.put('other.md', 'x');
  await home.reload();
  await home.setViewportSize({width: 360, height: 740});
  await home.locator('input[type=file][multiple]').setInputFiles(
    ['a.txt', 'b.txt', 'c.txt'].map((name) =>
      ({name, mimeType: 'text/plain', buffer: Buffer.from('x')})));
  const tray = home.getByRole('region', {name: 'Uploads'});
  await expect(tray.getByText('3 files uploaded')).toBeVisible();
  await rename(home, 'one.md', 'two.md');
  await rename(home, 'other.md', 'a'.repeat(200) + '.md');
  await expect(messages(home).getByRole('group')).toHaveCount(1);
  for (const name of ['Upload', 'New folder', 'Sort', 'Details'])
    await expectInView(home.getByRole('main').getByRole('button', {name, exact: true}));
  await expectInView(tray.getByRole('button', {name: 'Close the list of uploads'}));
  await expectInView(undo(home));
  await messages(home).getByRole('button', {name: 'Hide'}).click();
  await expect(messages(home).getByRole('group', {name: 'Renamed to two.md.'})).toBeVisible();
  await expectAccessible(home);
});

test('a download of what somebody deleted meanwhile says so, and the list is true again', async ({
  home, user, watch
}) => {
  watch.allow(/status of 404/);
  await user.put('one.md', 'x');
  await user.put('other.md', 'x');
  await home.reload();
  await home.getByRole('checkbox', {name: 'Select one.md'}).click();
  await user.json('DELETE', `/files/${user.name}/one.md`);
  await home.getByRole('button', {name: 'Download'}).click();
  await expect(messages(home).getByText('It is not there, or you have no right')).toBeVisible();
  await expect(row(home, 'one.md')).toBeHidden();
  await expectAccessible(home);
  expect((await user.get('/audit/events?success=false')).items).toEqual([]);
});
