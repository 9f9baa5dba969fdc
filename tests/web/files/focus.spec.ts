// What had the focus goes from the page: then it goes on to what is next to it.
import {list, messages, names, picked, putSome, rename, row} from '../support/files.ts';
import {expect, test} from '../support/test.ts';

const file = (name: string, content = 'x') =>
  ({name, mimeType: 'text/plain', buffer: Buffer.from(content)});

const refuse = {
  status: 500, contentType: 'application/problem+json',
  body: JSON.stringify({status: 500, code: 'internal', title: 'x', request_id: 'r-1'})
};

test('from the empty folder to what was uploaded, and back', async ({home}) => {
  const button = home.getByRole('main').getByRole('button', {name: 'Upload files'});
  const chosen = home.waitForEvent('filechooser');
  await button.press('Enter');
  await (await chosen).setFiles([file('first.txt')]);
  await expect(row(home, 'first.txt')).toBeFocused();
  const close = home.getByRole('button', {name: 'Close the list of uploads'});
  await close.press('Enter');
  await expect(close).toBeHidden();
  await expect(row(home, 'first.txt')).toBeFocused();
  await home.keyboard.press('Delete');
  await expect(home.getByRole('heading', {name: 'This folder is empty'})).toBeFocused();
});

test('a message that is hidden, or whose way back is lost, leaves it in the list', async ({
  home, user, watch
}) => {
  watch.allow(/status of (404|409)/);
  await putSome(user);
  await home.reload();
  await rename(home, 'b.md', 'd.md');
  await messages(home).getByRole('button', {name: 'Hide message'}).press('Enter');
  await expect(messages(home).getByRole('group')).toBeHidden();
  await expect(row(home, 'd.md')).toBeFocused();
  await rename(home, 'c.bin', 'e.bin');
  await user.send('DELETE', `/files/${user.name}/e.bin`);
  await messages(home).getByRole('button', {name: 'Undo'}).press('Enter');
  await expect(messages(home).getByRole('alert')).toBeVisible();
  await expect(list(home).locator('[data-index]:focus')).toBeVisible();
});

test('a folder that fails to open takes it to what is said, and from there to the list', async ({
  home, user, watch
}) => {
  watch.allow(/status of 500/);
  await putSome(user);
  await home.reload();
  await home.route('**/dirs/*/notes?*', (route) => route.fulfill(refuse));
  await row(home, 'notes').focus();
  await home.keyboard.press('Enter');
  const failed = home.getByRole('alert').getByRole('heading');
  await expect(failed).toBeFocused();
  await home.unroute('**/dirs/*/notes?*');
  await home.keyboard.press('Tab');
  await home.keyboard.press('Enter');
  await expect(row(home, 'a.txt')).toBeFocused();
  // A new name that is being written is given up by Back.
  await home.keyboard.press('F2');
  await expect(home.getByLabel('New name for a.txt')).toBeFocused();
  await home.goBack();
  await expect(row(home, 'notes')).toBeFocused();
  expect(await names(user, 'notes')).toEqual(['a.txt']);
});

test('what was shared is gone: the dialog gives it to the list', async ({home, user, watch}) => {
  watch.allow(/status of 404/);
  await putSome(user);
  await home.reload();
  await row(home, 'b.md').focus();
  await home.keyboard.press('Space');
  await picked(home).getByRole('button', {name: 'Share'}).press('Enter');
  await expect(home.getByRole('dialog')).toBeVisible();
  await user.send('DELETE', `/files/${user.name}/b.md`);
  await home.waitForTimeout(3100); // so often the list is asked for
  await home.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(row(home, 'b.md')).toHaveCount(0);
  await home.keyboard.press('Escape');
  await expect(list(home).locator('[data-index]:focus')).toBeVisible();
});

test('a page that is tried again keeps it', async ({home, watch}) => {
  watch.allow(/status of 500/);
  await home.route('**/api/v1/trash?*', (route) => route.fulfill(refuse));
  await home.getByRole('link', {name: 'Trash'}).click();
  const again = home.getByRole('button', {name: 'Try again'});
  await expect(again).toBeVisible();
  await home.unroute('**/api/v1/trash?*');
  await again.press('Enter');
  await expect(home.getByRole('heading', {name: 'The trash is empty'})).toBeFocused();
});

test('the password of a link leads to what the link is of', async ({
  page, user, watch
}) => {
  watch.allow(/status of 401/);
  const made = async (path: string) => (await user.post('/shares', {
    path: `/${user.name}/${path}`, rights: ['read'], password: 'swordfish and chips'
  })).url as string;
  await user.put('trip/one.txt', 'one');
  const open = async (path: string) => {
    await page.goto('about:blank');
    await page.goto(await made(path));
    await page.getByLabel('Password', {exact: true}).fill('swordfish and chips');
    await page.keyboard.press('Enter');
  };
  await open('trip');
  await expect(page.getByRole('heading', {name: 'trip'})).toBeFocused();
  await open('trip/one.txt');
  await expect(page.getByRole('heading', {name: 'one.txt'})).toBeFocused();
});

test('a page that was just loaded has it, whatever it shows', async ({home, user, watch}) => {
  watch.allow(/status of (404|500)/);
  await putSome(user);
  const begins = async (address: string, shows: string) => {
    await home.goto(address);
    await expect(home.getByText(shows).first()).toBeVisible();
    await expect(home.locator('main:focus, main :is(h1, h2):focus')).toHaveCount(1);
  };
  await begins(`/files/${user.name}`, 'b.md');
  await begins(`/files/${user.name}/notes`, 'a.txt');
  await begins(`/files/${user.name}/none`, 'It is not there');
  await begins('/search?q=md', 'b.md');
  await begins('/trash', 'The trash is empty');
  await begins('/nowhere', 'There is no such page');
  const link = await user.post('/shares', {path: `/${user.name}/notes`, rights: ['read']});
  await begins(link.url, 'a.txt');
  await home.route('**/auth/refresh', (route) => route.fulfill(refuse));
  await begins('/trash', 'Try again');
});
