import type {Page} from '@playwright/test';
import {names, picked, putSome, row} from '../support/files.ts';
import {
  adminPassword, Api, expect, expectAccessible, makeUser, Server, signIn, test
} from '../support/test.ts';

const openTrash = (page: Page) =>
  page.getByRole('navigation', {name: 'Main navigation'}).getByRole('link', {name: 'Trash'});

async function trashed(user: Api): Promise<string[]> {
  const {items} = await user.get('/trash');
  return items.map((item: {path: string}) => item.path.split('/').at(-1)).sort();
}

async function remove(user: Api, ...paths: string[]): Promise<void> {
  for (const path of paths)
    await user.json('DELETE', `/files/${user.name}/${path}?recursive=true`);
}

test.beforeEach(async ({user}) => putSome(user));

test('what is deleted in the files comes back by Undo, by mouse and by keyboard', async ({
  home, user
}) => {
  await row(home, 'notes').focus();
  await home.keyboard.press('Delete');
  await expect(home.getByText('“notes” moved to the trash.')).toBeVisible();
  await expect(row(home, 'b.md')).toBeFocused();
  expect(await trashed(user)).toEqual(['notes']);
  await home.getByRole('button', {name: 'Undo'}).focus(); // with which it stays
  await expectAccessible(home);
  await home.getByRole('button', {name: 'Undo'}).press('Enter');
  await expect(row(home, 'notes')).toBeVisible();
  await expect(home.getByText('“notes” is back.')).toBeVisible();
  expect(await names(user, 'notes')).toEqual(['a.txt']);
  await home.getByRole('checkbox', {name: 'Select b.md'}).click();
  await home.getByRole('checkbox', {name: 'Select c.bin'}).click();
  await picked(home).getByRole('button', {name: 'Delete'}).click();
  await expect(home.getByText('2 entries moved to the trash.')).toBeVisible();
  expect(await trashed(user)).toEqual(['b.md', 'c.bin']);
  await home.getByRole('button', {name: 'Undo'}).click();
  await expect(row(home, 'c.bin')).toBeVisible();
  await expect(row(home, 'b.md')).toBeVisible();
  await expect(home.getByText('2 entries are back.')).toBeVisible();
  expect(await names(user)).toEqual(['b.md', 'c.bin', 'notes']);
});

test('how far deleting is is told, and what was deleted comes back though it stopped', async ({
  home, user, watch
}) => {
  watch.allow(/ERR_CONNECTION_REFUSED/);
  for (const name of ['d1', 'd2', 'd3', 'd4', 'd5']) await user.put(`many/${name}`, name);
  await user.folder('other');
  await home.goto(`/files/${user.name}/many`);
  let deleted = 0;
  await home.route('**/api/v1/files/**', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await (++deleted > 3 ? route.abort('connectionrefused') : route.continue());
  });
  await row(home, 'd1').focus();
  await home.keyboard.press('Control+a');
  await home.keyboard.press('Delete');
  const said = home.getByRole('region', {name: 'Messages'});
  await expect(said.getByText(/^Deleting [23] of 5\.$/)).toBeVisible();
  // One goes on to another folder, and the server is lost.
  await home.route('**/api/v1/trash?limit=1000', (route) => route.abort('connectionrefused'));
  await home.getByRole('navigation', {name: 'Folder path'}).getByText('My files').click();
  await home.getByRole('checkbox', {name: 'Select other'}).click();
  await expect(said.getByText('3 entries moved to the trash.')).toBeVisible();
  await expect(said.getByText('Deleting')).toBeHidden();
  await expect(said.getByText('The server cannot be reached.')).toBeVisible();
  await expect(picked(home).getByText('One selected')).toBeVisible();
  await expect(home.getByRole('checkbox', {name: 'Select other'})).toBeFocused();
  await home.unrouteAll();
  await said.getByRole('button', {name: 'Undo'}).click();
  await expect(said.getByText('3 entries are back.')).toBeVisible();
  expect(await names(user, 'many')).toEqual(['d1', 'd2', 'd3', 'd4', 'd5']);
});

test('a name that was taken meanwhile is asked about before something comes back', async ({
  home, user, watch
}) => {
  watch.allow(/status of 404.*dirs/); // where the folder is gone too
  await remove(user, 'b.md');
  await user.put('b.md', 'another');
  await openTrash(home).click();
  await row(home, 'b.md').getByRole('button', {name: 'Actions'}).click();
  await home.getByRole('menuitem', {name: 'Restore'}).click();
  await expect(home.getByRole('heading', {name: 'The name is taken'})).toBeVisible();
  await home.getByRole('button', {name: 'Keep both'}).click();
  await expect(home.getByText('The trash is empty')).toBeVisible();
  await expect(home.getByRole('button', {name: 'Undo'})).toBeVisible();
  expect(await names(user)).toEqual(['b (2).md', 'b.md', 'c.bin', 'notes']);
  // Two of one name, of a folder that is gone too: the second is asked about, and nothing refused.
  await remove(user, 'notes/a.txt');
  await user.put('notes/a.txt', 'another');
  await remove(user, 'notes/a.txt', 'notes');
  await home.reload();
  await expect(row(home, 'a.txt')).toHaveCount(2);
  for (const box of await home.getByRole('checkbox', {name: 'Select a.txt'}).all())
    await box.click();
  await picked(home).getByRole('button', {name: 'Restore'}).click();
  await home.getByRole('button', {name: 'Keep both'}).click();
  await expect(home.getByText('2 entries restored.')).toBeVisible();
  expect(await names(user, 'notes')).toEqual(['a (2).txt', 'a.txt']);
  expect((await user.get('/audit/events?success=false')).items).toEqual([]);
});

test('the trash tells what is there, and all of a selection comes back', async ({home, user}) => {
  await remove(user, 'notes/a.txt', 'notes', 'b.md');
  await openTrash(home).click();
  await expect(home.getByRole('heading', {level: 1, name: 'Trash'})).toBeVisible();
  await expect(home.getByText('What is deleted stays here for 30 days, then it is gone. ' +
    'It takes 12 B of your space.')).toBeVisible();
  const file = row(home, 'a.txt');
  await expect(file.getByText(`/${user.name}/notes`)).toBeVisible();
  await expect(file.getByText(user.name, {exact: true})).toBeVisible();
  await expect(file.getByText('in 30 days').last()).toBeVisible();
  await expect(file.getByText('5 B')).toBeVisible();
  await home.setViewportSize({width: 360, height: 740});
  const about = (name: string) => row(home, name).locator('small');
  await expect(about('a.txt')).toHaveText(new RegExp(`^\\d\\d:\\d\\d · ${user.name} · notes$`));
  await expect(about('b.md')).toContainText('· My files');
  await expectAccessible(home);
  await home.setViewportSize({width: 1280, height: 800});
  // By keyboard: the row, Ctrl and A, the toolbar.
  await row(home, 'b.md').focus();
  await home.keyboard.press('Control+a');
  await expect(picked(home).getByText('3 selected')).toBeVisible();
  await expectAccessible(home);
  await picked(home).getByRole('button', {name: 'Restore'}).press('Enter');
  await expect(home.getByText('3 entries restored.')).toBeVisible();
  await expect(home.getByText('The trash is empty')).toBeVisible();
  await expectAccessible(home);
  expect(await names(user)).toEqual(['b.md', 'c.bin', 'notes']);
  expect(await names(user, 'notes')).toEqual(['a.txt']);
  // What was restored goes back by Undo, folders with what is in them.
  const messages = home.getByRole('region', {name: 'Messages'});
  await messages.getByRole('button', {name: 'Undo'}).press('Enter');
  await expect(home.getByText('3 entries moved to the trash.')).toBeVisible();
  await expect(row(home, 'a.txt')).toBeVisible();
  expect(await trashed(user)).toEqual(['a.txt', 'b.md', 'notes']);
  expect(await names(user)).toEqual(['c.bin']);
  await row(home, 'b.md').getByRole('button', {name: 'Actions'}).click();
  await home.getByRole('menuitem', {name: 'Restore'}).click();
  await messages.getByRole('button', {name: 'Undo'}).click();
  await expect(home.getByText('“b.md” moved to the trash.')).toBeVisible();
  await expect(row(home, 'b.md')).toBeVisible();
  expect(await trashed(user)).toEqual(['a.txt', 'b.md', 'notes']);
  await remove(user, 'c.bin');
  await home.reload();
  await home.getByRole('checkbox', {name: 'Select c.bin'}).click();
  await picked(home).getByRole('button', {name: 'Restore'}).click();
  await home.getByRole('button', {name: 'Show', exact: true}).click();
  await expect(row(home, 'c.bin')).toBeVisible();
  await expect(home).toHaveURL(new RegExp(`/files/${user.name}$`));
});

test('what goes for good is named first, one and all', async ({home, user}) => {
  await remove(user, 'notes', 'b.md', 'c.bin');
  await openTrash(home).click();
  await row(home, 'b.md').getByRole('button', {name: 'Actions'}).click();
  await home.getByRole('menuitem', {name: 'Delete for good'}).click();
  const dialog = home.getByRole('dialog');
  await expect(dialog.getByText('b.md')).toBeVisible();
  await expect(dialog.getByText('That is 7 B. There is no way back.')).toBeVisible();
  await expectAccessible(home);
  await dialog.getByRole('button', {name: 'Delete for good'}).click();
  await expect(row(home, 'b.md')).toBeHidden();
  expect(await trashed(user)).toEqual(['c.bin', 'notes']);
  // By keyboard.
  await row(home, 'c.bin').focus();
  await home.keyboard.press('Delete');
  await home.keyboard.press('Escape');
  await expect(row(home, 'c.bin')).toBeFocused();
  await home.keyboard.press('Delete');
  await dialog.getByRole('button', {name: 'Delete for good'}).press('Enter');
  await expect(row(home, 'notes')).toBeFocused();
  // With the last one the focus goes to what says that there is nothing.
  await home.keyboard.press('Delete');
  await dialog.getByRole('button', {name: 'Delete for good'}).press('Enter');
  await expect(home.getByRole('heading', {name: 'The trash is empty'})).toBeFocused();
  await user.put('d.md', 'x');
  await remove(user, 'd.md');
  await home.reload();
  await home.getByRole('button', {name: 'Empty trash'}).press('Enter');
  await expect(dialog.getByText('d.md')).toBeVisible();
  await expectAccessible(home);
  await dialog.getByRole('button', {name: 'Empty trash'}).press('Enter');
  await expect(home.getByText('The trash is empty', {exact: true})).toBeVisible();
  expect(await trashed(user)).toEqual([]);
  expect((await user.get('/usage')).used_bytes).toBe(0);
});

test('what an emptied trash had in it has no way back any more', async ({home, user}) => {
  const undo = home.getByRole('button', {name: 'Undo'});
  await row(home, 'b.md').focus();
  await home.keyboard.press('Delete');
  await expect(undo).toBeVisible();
  await undo.hover(); // so it stays
  await openTrash(home).press('Enter');
  await home.getByRole('button', {name: 'Empty trash'}).press('Enter');
  await expect(undo).toBeVisible();
  await home.getByRole('dialog').getByRole('button', {name: 'Empty trash'}).press('Enter');
  await expect(home.getByRole('heading', {name: 'The trash is empty'})).toBeVisible();
  await expect(undo).toBeHidden({timeout: 3000}); // and not because its time is over
  expect(await names(user)).toEqual(['c.bin', 'notes']);
});

test('a trash that cannot be asked says so, and asks again', async ({home, user, watch}) => {
  watch.allow(/status of 500|ERR_INTERNET_DISCONNECTED/);
  await remove(user, 'b.md');
  await home.route('**/api/v1/trash?*', (route) => route.fulfill({
    status: 500, contentType: 'application/problem+json',
    body: JSON.stringify({status: 500, code: 'internal', title: 'x', request_id: 'r-1'})
  }));
  await openTrash(home).click();
  await expect(home.getByText('Request r-1')).toBeVisible();
  await expectAccessible(home);
  await home.unroute('**/api/v1/trash?*');
  await home.getByRole('button', {name: 'Try again'}).click();
  await expect(row(home, 'b.md')).toBeVisible();
});

test('without a trash the dialog says that it is for good', async ({browser}) => {
  const server = new Server('files.trash_days = 0');
  await server.start();
  const admin = await new Api(server, 'admin', adminPassword).login();
  const user = await makeUser(admin, server);
  for (const name of ['a.txt', 'b.txt']) await user.put(name, name);
  const context = await browser.newContext({baseURL: server.url});
  const page = await context.newPage();
  await page.goto('/');
  await signIn(page, user.name);
  const dialog = page.getByRole('dialog');
  await row(page, 'a.txt').focus();
  await page.keyboard.press('Delete');
  await expect(dialog.getByText('Delete this for good?')).toBeVisible();
  await expect(dialog.getByText('a.txt')).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(row(page, 'a.txt')).toBeFocused();
  await page.keyboard.press('Delete');
  await dialog.getByRole('button', {name: 'Delete for good'}).press('Enter');
  await expect(page.getByText('Deleted.')).toBeVisible();
  await expect(page.getByRole('button', {name: 'Undo'})).toBeHidden();
  await row(page, 'b.txt').focus();
  await page.keyboard.press('Delete');
  await dialog.getByRole('button', {name: 'Delete for good'}).click();
  await expect(row(page, 'b.txt')).toBeHidden();
  await context.close();
  await server.remove();
});

test('the tools of what is chosen are in view where there is little room, in German too', async ({
  home, user
}) => {
  await remove(user, 'b.md');
  await home.setViewportSize({width: 360, height: 740});
  for (const language of ['en', 'de']) {
    await home.evaluate((code) => localStorage.setItem('baluhost.language', code), language);
    await home.goto('/trash');
    await row(home, 'b.md').getByRole('checkbox').click();
    const buttons = home.getByRole('main').getByRole('toolbar').getByRole('button');
    await expect(buttons).toHaveCount(3);
    for (const button of await buttons.all()) await expect(button).toBeInViewport({ratio: 1});
    await expectAccessible(home);
    await home.setViewportSize({width: 360, height: 740});
  }
});
