// Back, and Forward, where a dialog is open, and after it was closed otherwise.
import type {Page} from '@playwright/test';
import {picked, putSome, row} from '../support/files.ts';
import {expect, signIn, test} from '../support/test.ts';

test.beforeEach(async ({user}) => putSome(user));

/** As the browser's button does, and without waiting for a page: none may come. */
async function pressBack(page: Page): Promise<void> {
  const line = await page.context().newCDPSession(page);
  const {currentIndex, entries} = await line.send('Page.getNavigationHistory');
  await line.send('Page.navigateToHistoryEntry', {entryId: entries[currentIndex - 1]!.id});
  await line.detach();
}

test('Back closes a dialog and does nothing else', async ({home, user}) => {
  await user.put('notes/inner/deep.txt', 'deep');
  await home.reload();
  const here = new RegExp(`/files/${user.name}/notes$`);
  await row(home, 'notes').focus();
  await home.keyboard.press('Enter');
  await expect(row(home, 'inner')).toBeFocused();
  await home.keyboard.press('Space');
  const dialog = home.getByRole('dialog');
  const heads = {Share: /^Share/, Move: /^Move to/, Copy: /^Copy to/};
  for (const [name, head] of Object.entries(heads)) {
    await picked(home).getByRole('button', {name}).press('Enter');
    await expect(dialog.getByRole('heading', {name: head})).toBeVisible();
    await pressBack(home);
    await expect(dialog).toBeHidden();
    await expect(picked(home).getByRole('button', {name})).toBeFocused();
    await expect(home).toHaveURL(here);
  }
  // Of two the one on top.
  await picked(home).getByRole('button', {name: 'Copy'}).press('Enter');
  await dialog.getByRole('button', {name: 'New folder'}).press('Enter');
  await expect(dialog).toHaveCount(2);
  await pressBack(home);
  await expect(dialog).toHaveCount(1);
  await expect(dialog.getByRole('heading', {name: /^Copy to/})).toBeVisible();
  await home.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  // What was closed otherwise left nothing to go back or forward through, nor to wait for.
  await home.reload();
  await expect(row(home, 'inner')).toBeVisible();
  await expect(home).toHaveURL(here);
  await home.getByRole('button', {name: 'New folder'}).press('Enter');
  await home.getByLabel('Name').fill('made');
  await home.keyboard.press('Enter');
  await expect(row(home, 'made')).toBeFocused();
  await home.goBack();
  await expect(row(home, 'notes')).toBeVisible();
  await home.goForward();
  await expect(row(home, 'made')).toBeVisible();
  await expect(dialog).toBeHidden();
});

test('Back closes a menu and does nothing else', async ({home, user}) => {
  const here = new RegExp(`/files/${user.name}/notes$`);
  await row(home, 'notes').focus();
  await home.keyboard.press('Enter');
  await expect(row(home, 'a.txt')).toBeFocused();
  for (const [name, width] of [
    ['Sort', 1280], ['Actions for a.txt', 1280], ['Menu', 360], ['Sort', 360]
  ] as const) {
    await home.setViewportSize({width, height: 740});
    const button = home.getByRole('button', {name, exact: true});
    await button.click();
    await expect(home.getByRole('menu')).toBeVisible();
    await pressBack(home);
    await expect(home.getByRole('menu')).toBeHidden();
    await expect(button).toBeFocused();
    await expect(home).toHaveURL(here);
  }
  // Closed otherwise, it holds nothing up.
  await home.getByRole('button', {name: 'Sort'}).click();
  await home.keyboard.press('Escape');
  await home.goBack();
  await expect(row(home, 'notes')).toBeVisible();
});

/** As it is, Back would leave the application: one is asked. */
async function expectAsked(page: Page): Promise<void> {
  const asked = page.waitForEvent('dialog').then(async (dialog) => {
    await dialog.dismiss();
    return dialog.type();
  });
  await pressBack(page);
  expect(await asked).toBe('beforeunload');
}

test('what is typed, or shown once, does not go with the page unasked', async ({home}) => {
  const dialog = home.getByRole('dialog');
  await home.getByRole('button', {name: 'New folder'}).click();
  await home.getByLabel('Name').fill('made');
  await expectAsked(home);
  await expect(home.getByLabel('Name')).toHaveValue('made');
  await home.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await row(home, 'b.md').click({position: {x: 400, y: 10}});
  await picked(home).getByRole('button', {name: 'Share'}).click();
  await dialog.getByRole('button', {name: 'Make link'}).click();
  await expect(dialog.getByRole('img', {name: 'The link as a QR code'})).toBeVisible();
  await expectAsked(home);
  await expect(dialog.getByRole('img', {name: 'The link as a QR code'})).toBeVisible();
  await home.keyboard.press('Escape');
  await row(home, 'b.md').focus();
  await home.keyboard.press('F2');
  await home.getByLabel('New name for b.md').fill('other.md');
  await expectAsked(home);
  await expect(home.getByLabel('New name for b.md')).toHaveValue('other.md');
  await home.keyboard.press('Escape');
  await expect(row(home, 'b.md')).toBeFocused();
  await home.reload(); // and nobody is asked
  await expect(row(home, 'b.md')).toBeVisible();
});

test('of details with a preview over them, Back closes the preview first', async ({home, user}) => {
  await user.put('notes/a.txt', 'another');
  await home.setViewportSize({width: 360, height: 740});
  await row(home, 'notes').getByRole('link').click();
  await row(home, 'a.txt').getByRole('button', {name: 'Actions'}).click();
  await home.getByRole('menuitem', {name: 'Versions'}).click();
  const details = home.getByRole('dialog', {name: 'Details'});
  await details.getByRole('button', {name: /^Version of/}).last().click();
  await home.getByRole('menuitem', {name: 'Preview'}).click();
  await expect(home.getByText('first', {exact: true})).toBeVisible();
  await home.goBack();
  await expect(home.getByText('first', {exact: true})).toBeHidden();
  await expect(details).toBeVisible();
  await pressBack(home);
  await expect(details).toBeHidden();
  await expect(row(home, 'a.txt')).toBeVisible();
});

test('where the browser goes back all the same, the dialog goes with its folder', async ({
  page, user
}) => {
  await page.addInitScript(() => Object.defineProperty(window, 'navigation', {value: undefined}));
  await page.goto('/');
  await signIn(page, user.name);
  await row(page, 'notes').focus();
  await page.keyboard.press('Enter');
  await row(page, 'a.txt').focus();
  await page.keyboard.press('Space');
  await picked(page).getByRole('button', {name: 'Share'}).press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.goBack();
  await expect(row(page, 'notes')).toBeVisible();
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('what an input method takes back by Escape closes no dialog and ends no rename', async ({
  home
}) => {
  const line = await home.context().newCDPSession(home);
  const compose = async () => {
    await line.send('Input.imeSetComposition', {text: 'か', selectionStart: 1, selectionEnd: 1});
    await home.keyboard.press('Escape');
    await line.send('Input.imeSetComposition', {text: '', selectionStart: 0, selectionEnd: 0});
  };
  await home.getByRole('button', {name: 'New folder'}).press('Enter');
  await expect(home.getByLabel('Name')).toBeFocused();
  await compose();
  await expect(home.getByRole('dialog')).toBeVisible();
  await home.keyboard.press('Escape');
  await expect(home.getByRole('dialog')).toBeHidden();
  await row(home, 'b.md').focus();
  await home.keyboard.press('F2');
  await expect(home.getByLabel('New name for b.md')).toBeFocused();
  await compose();
  await expect(home.getByLabel('New name for b.md')).toBeFocused();
  await home.keyboard.press('Escape');
  await expect(row(home, 'b.md')).toBeFocused();
});
