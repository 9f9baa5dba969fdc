// What is said of what was done, with its way back.
import type {Locator, Page} from '@playwright/test';
import {type Api, expect, expectAccessible, test} from '../support/test.ts';
import {messages, names, picked, rename, row} from '../support/files.ts';

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

/** Each of these requests takes a while; from `failing` on the server cannot be reached. */
async function slowly(home: Page, url: string, method: string, failing = Infinity): Promise<void> {
  let count = 0;
  await home.route(url, async (route) => {
    if (route.request().method() !== method) return route.continue();
    await new Promise((resolve) => setTimeout(resolve, 700));
    await (++count < failing ? route.continue() : route.abort('connectionrefused'));
  });
}

/** A folder of five, all chosen. */
async function chooseFive(home: Page, user: Api): Promise<void> {
  for (const name of ['d1', 'd2', 'd3', 'd4', 'd5']) await user.put(`many/${name}`, name);
  await user.folder('other');
  await home.goto(`/files/${user.name}/many`);
  await row(home, 'd1').focus();
  await home.keyboard.press('Control+a');
}

/** Of a reload one is asked. */
async function reloading(home: Page, answer: 'accept' | 'dismiss'): Promise<void> {
  const asked = home.waitForEvent('dialog').then(async (dialog) => {
    await dialog[answer]();
    return dialog.type();
  });
  await home.evaluate(() => setTimeout(() => location.reload()));
  expect(await asked).toBe('beforeunload');
}

test('how far an undo is is told, and its end; what is left is tried again', async ({
  home, user, watch
}) => {
  watch.allow(/ERR_CONNECTION_REFUSED/);
  const said = messages(home);
  await chooseFive(home, user);
  await home.keyboard.press('Delete');
  await expect(said.getByText('5 entries moved to the trash.')).toBeVisible();
  await slowly(home, '**/api/v1/trash/*/restore', 'POST', 4);
  await undo(home).click();
  await expect(said.getByText(/^Restoring [23] of 5\.$/)).toBeVisible();
  await expect(said.getByText('3 entries are back.')).toBeVisible();
  await expect(said.getByText('Restoring')).toBeHidden();
  await expect(said.getByText('The server cannot be reached.')).toBeVisible();
  await expectAccessible(home);
  await home.unrouteAll();
  await said.getByRole('button', {name: 'Try again'}).click();
  await expect(said.getByText('2 entries are back.')).toBeVisible();
  expect(await names(user, 'many')).toEqual(['d1', 'd2', 'd3', 'd4', 'd5']);
});

test('a reload while something is deleted, or comes back, is asked about', async ({
  home, user
}) => {
  const said = messages(home);
  await chooseFive(home, user);
  await slowly(home, '**/api/v1/files/**', 'DELETE');
  await home.keyboard.press('Delete');
  await expect(said.getByText('Deleting')).toBeVisible();
  await reloading(home, 'dismiss');
  await expect(said.getByText('5 entries moved to the trash.')).toBeVisible();
  await slowly(home, '**/api/v1/trash/*/restore', 'POST');
  await undo(home).click();
  await expect(said.getByText('Restoring')).toBeVisible();
  await reloading(home, 'dismiss');
  await expect(said.getByText('5 entries are back.')).toBeVisible();
  expect(await names(user, 'many')).toEqual(['d1', 'd2', 'd3', 'd4', 'd5']);
  // Nothing runs any more: one is asked nothing.
  await home.reload();
  await expect(row(home, 'd1')).toBeVisible();
  await expect(said.getByRole('group')).toHaveCount(0);
});

test('where a reload takes the way back, the page says where things are', async ({home, user}) => {
  const said = messages(home);
  await chooseFive(home, user);
  await slowly(home, '**/api/v1/files/**', 'DELETE');
  await home.keyboard.press('Delete');
  await expect(said.getByText('Deleting')).toBeVisible();
  await reloading(home, 'accept');
  await expect(said.getByText('What you deleted is in the trash.')).toBeVisible();
  await expectAccessible(home);
  await home.unrouteAll();
  await home.reload();
  await expect(row(home, 'd5')).toBeVisible();
  await expect(said.getByRole('group')).toHaveCount(0);
  await row(home, 'd5').focus();
  await home.keyboard.press('Delete');
  await expect(undo(home)).toBeVisible();
  await home.reload();
  await said.getByRole('button', {name: 'Trash'}).click();
  await expect(row(home, 'd5')).toBeVisible();
  await expect(row(home, 'd1')).toBeVisible();
});

test('moving and copying tell how far they are, and are not left unasked', async ({
  home, user, watch
}) => {
  watch.allow(/ERR_CONNECTION_REFUSED/);
  const said = messages(home);
  await chooseFive(home, user);
  for (const [what, tells, ends] of [
    ['Copy', 'Copying', '5 entries copied to other.'],
    ['Move', 'Moving', '4 entries moved to other.']
  ] as const) {
    const isMove = what === 'Move';
    await slowly(home, `**/api/v1/actions/${what.toLowerCase()}`, 'POST', isMove ? 5 : Infinity);
    if (isMove) await user.json('DELETE', `/files/${user.name}/other?recursive=true`);
    if (isMove) await user.folder('other');
    await home.keyboard.press('Control+a');
    await picked(home).getByRole('button', {name: what, exact: true}).click();
    await home.getByRole('dialog').getByRole('button', {name: 'Folder above'}).click();
    await home.getByRole('dialog').getByRole('button', {name: 'other'}).click();
    await home.getByRole('button', {name: `${what} here`}).click();
    await expect(said.getByText(new RegExp(`^${tells} \\d of 5\\.$`))).toBeVisible();
    await reloading(home, 'dismiss');
    await expect(said.getByText(ends)).toBeVisible();
    await expect(said.getByText(tells)).toBeHidden();
  }
  await expect(said.getByText('The server cannot be reached.')).toBeVisible();
  await home.unrouteAll();
  await slowly(home, '**/api/v1/actions/move', 'POST', 3);
  await undo(home).click();
  await expect(said.getByText(/^Moving 2 of 4\.$/)).toBeVisible();
  await reloading(home, 'dismiss');
  await expect(said.getByText('2 entries are back.')).toBeVisible();
  await home.unrouteAll();
  await said.getByRole('button', {name: 'Try again'}).last().click();
  await expect(said.getByText('2 entries are back.')).toHaveCount(2);
  expect(await names(user, 'many')).toEqual(['d1', 'd2', 'd3', 'd4', 'd5']);
});

test('what was left where the line was lost stays chosen, and is gone on with', async ({
  home, user, watch
}) => {
  watch.allow(/ERR_CONNECTION_REFUSED/);
  const said = messages(home);
  const again = said.getByRole('button', {name: 'Try again'});
  await chooseFive(home, user);
  await slowly(home, '**/api/v1/files/**', 'DELETE', 4);
  await home.keyboard.press('Delete');
  await expect(said.getByText('The server cannot be reached. 2 entries are left.')).toBeVisible();
  await expect(said.getByText('3 entries moved to the trash.')).toBeVisible();
  await expect(picked(home).getByText('2 selected')).toBeVisible();
  await home.setViewportSize({width: 360, height: 740});
  await expect(again).toBeInViewport({ratio: 1});
  await home.setViewportSize({width: 1280, height: 740});
  await expectAccessible(home);
  await home.unrouteAll();
  await again.click();
  await expect(said.getByText('2 entries moved to the trash.')).toBeVisible();
  expect(await names(user, 'many')).toEqual([]);
  await home.goto('/trash');
  await row(home, 'd1').focus();
  await home.keyboard.press('Control+a');
  await slowly(home, '**/api/v1/trash/*/restore', 'POST', 3);
  await picked(home).getByRole('button', {name: 'Restore', exact: true}).click();
  await expect(said.getByText('The server cannot be reached. 3 entries are left.')).toBeVisible();
  await expect(picked(home).getByText('3 selected')).toBeVisible();
  await home.unrouteAll();
  await again.click();
  await expect.poll(() => names(user, 'many')).toEqual(['d1', 'd2', 'd3', 'd4', 'd5']);
});
test('what goes from the trash for good tells how far it is, and what is left', async ({
  home, user, watch
}) => {
  watch.allow(/ERR_CONNECTION_REFUSED/);
  const said = messages(home);
  await chooseFive(home, user);
  await home.keyboard.press('Delete');
  await expect(undo(home)).toBeVisible();
  await home.goto('/trash');
  await row(home, 'd1').focus();
  await home.keyboard.press('Control+a');
  await home.keyboard.press('Delete');
  await slowly(home, '**/api/v1/trash/*', 'DELETE', 4);
  const dialog = home.getByRole('dialog');
  await dialog.getByRole('button', {name: 'Delete for good'}).click();
  await expect(said.getByText(/^Deleting [23] of 5\.$/)).toBeVisible();
  await reloading(home, 'dismiss');
  await expect(said.getByText('3 entries deleted for good.')).toBeVisible();
  await expect(dialog.getByText('The server cannot be reached.')).toBeVisible();
  await expect(dialog.getByRole('heading')).toHaveText('Delete 2 entries for good?');
  await expectAccessible(home);
  await home.unrouteAll();
  await dialog.getByRole('button', {name: 'Delete for good'}).click();
  await expect(said.getByText('2 entries deleted for good.')).toBeVisible();
  await expect(home.getByText('The trash is empty')).toBeVisible();
});
