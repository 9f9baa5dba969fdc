// Back with a dialog open, and what is left of it in the history.
import {picked, putSome, row} from '../support/files.ts';
import {expect, test} from '../support/test.ts';

test.beforeEach(async ({user}) => putSome(user));

test('Back closes a dialog and does nothing else', async ({home, user}) => {
  await user.put('notes/inner/deep.txt', 'deep');
  await home.reload();
  await row(home, 'notes').focus();
  await home.keyboard.press('Enter');
  await expect(row(home, 'inner')).toBeFocused();
  await home.keyboard.press('Space');
  const dialog = home.getByRole('dialog');
  const heads = {Share: /^Share/, Move: /^Move to/, Copy: /^Copy to/};
  for (const [name, head] of Object.entries(heads)) {
    await picked(home).getByRole('button', {name}).press('Enter');
    await expect(dialog.getByRole('heading', {name: head})).toBeVisible();
    await home.goBack();
    await expect(dialog).toBeHidden();
    await expect(picked(home).getByRole('button', {name})).toBeFocused();
    await expect(home).toHaveURL(new RegExp(`/files/${user.name}/notes$`));
  }
  await home.setViewportSize({width: 360, height: 740});
  await home.getByRole('button', {name: 'Details'}).click();
  await expect(dialog.getByRole('heading', {name: 'Details'})).toBeVisible();
  await home.goBack();
  await expect(dialog).toBeHidden();
  await expect(row(home, 'inner')).toBeVisible();
  await home.setViewportSize({width: 1280, height: 800});
  await home.getByRole('button', {name: 'Clear selection'}).click();
  // What closes it otherwise leaves nothing to go back through, and what it made is made here.
  await home.getByRole('button', {name: 'New folder'}).press('Enter');
  await home.getByLabel('Name').fill('made');
  await home.keyboard.press('Enter');
  await expect(row(home, 'made')).toBeFocused();
  await expect.poll(() => home.evaluate(() => history.state?.dialog)).toBeUndefined();
  await home.keyboard.press('Enter');
  await expect(home).toHaveURL(/notes\/made$/);
  await home.goBack();
  await expect(row(home, 'made')).toBeFocused();
  await home.goBack();
  await expect(row(home, 'notes')).toBeFocused();
});

test('a dialog that is closed leaves the way to what comes next', async ({home}) => {
  const dialog = home.getByRole('dialog');
  await row(home, 'b.md').focus();
  await home.keyboard.press('Space');
  await picked(home).getByRole('button', {name: 'Move'}).press('Enter');
  await expect(dialog).toBeVisible();
  await home.keyboard.press('Escape');
  await row(home, 'b.md').press('Enter'); // at once
  await expect(dialog.getByText('# Title')).toBeVisible();
  await home.goBack();
  await expect(dialog).toBeHidden();
  await expect(row(home, 'b.md')).toBeFocused();
  await home.getByRole('button', {name: 'Clear selection'}).click();
  // A reload, which takes the dialog, takes its entry too.
  await home.getByRole('button', {name: 'New folder'}).press('Enter');
  await expect(dialog).toBeVisible();
  await expect.poll(() => home.evaluate(() => history.state?.dialog)).toBe(true);
  await home.reload();
  await expect(row(home, 'notes')).toBeVisible();
  await expect(dialog).toBeHidden();
  await expect.poll(() => home.evaluate(() => history.state?.dialog)).toBeUndefined();
  await row(home, 'notes').focus();
  await home.keyboard.press('Enter');
  await expect(row(home, 'a.txt')).toBeFocused();
  await home.goBack();
  await expect(row(home, 'notes')).toBeFocused();
});
