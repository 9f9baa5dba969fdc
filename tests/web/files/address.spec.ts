// What an address leads to that is no folder's, or is not to be had; and how names look.
import type {Page} from '@playwright/test';
import {putSome, row} from '../support/files.ts';
import {type Api, expect, expectAccessible, makeUser, test} from '../support/test.ts';

async function grant(from: Api, path: string, to: Api): Promise<void> {
  await from.json('PUT', '/grants', {path: `/${from.name}/${path}`, grantee: to.name,
                                     rights: ['read']});
}

const preview = (page: Page, text: string) =>
  page.getByRole('dialog').getByText(text, {exact: true});

test('the address of a file shows it over its folder, where it is chosen', async ({home, user}) => {
  await putSome(user);
  await user.put('notes/a & b 100%.txt', 'this one');
  await home.goto('/shared');
  await home.goto(`/files/${user.name}/notes/${encodeURIComponent('a & b 100%.txt')}`);
  await expect(preview(home, 'this one')).toBeVisible();
  await expect(home).toHaveURL(/\/notes\/a%20%26%20b%20100%25\.txt$/);
  await expectAccessible(home);
  await home.getByRole('dialog').getByRole('button', {name: 'Close'}).click();
  await expect(home.getByRole('dialog')).toBeHidden();
  await expect(row(home, 'a & b 100%.txt')).toBeFocused();
  await expect(row(home, 'a & b 100%.txt')).toHaveAttribute('aria-selected', 'true');
  await expect(row(home, 'a.txt')).toBeVisible();
  await expect(home).toHaveURL(new RegExp(`/files/${user.name}/notes$`));
});

test('a preview has the address of its file, whichever it goes on to', async ({home, user}) => {
  await putSome(user);
  await user.put('notes/b.txt', 'second');
  await home.goto('/shared');
  await expect(home.getByRole('heading', {name: 'Shared', level: 1})).toBeVisible();
  await home.goto(`/files/${user.name}/notes`);
  await row(home, 'a.txt').focus();
  await home.keyboard.press('Enter');
  await expect(preview(home, 'first')).toBeVisible();
  await expect(home).toHaveURL(/\/notes\/a\.txt$/);
  await home.keyboard.press('ArrowRight');
  await expect(preview(home, 'second')).toBeVisible();
  await expect(home).toHaveURL(/\/notes\/b\.txt$/);
  await home.reload();
  await expect(preview(home, 'second')).toBeVisible();
  await home.goBack();
  await expect(home.getByRole('dialog')).toBeHidden();
  await expect(home).toHaveURL(/\/notes$/);
  await expect(row(home, 'a.txt')).toBeVisible();
  await home.goForward();
  await expect(preview(home, 'second')).toBeVisible();
  await home.keyboard.press('Escape');
  await expect(row(home, 'b.txt')).toBeFocused();
  await home.goBack();
  await expect(home).toHaveURL(/\/shared$/);
});

test('so it is where one may see that file alone', async ({home, admin, server, user}) => {
  const bert = await makeUser(admin, server);
  await bert.put('plans/house.txt', 'hello');
  await grant(bert, 'plans/house.txt', user);
  await home.goto(`/files/${bert.name}/plans/house.txt`);
  await expect(preview(home, 'hello')).toBeVisible();
  await home.keyboard.press('Escape');
  await expect(home.getByRole('heading', {name: `You see only what ${bert.name} shares with you`}))
    .toBeFocused();
});

test('a “%” in an address stands for itself', async ({home, user, watch}) => {
  watch.allow(/status of 40[04]/);
  await user.put('100%/a.txt', 'x');
  await home.goto(`/files/${user.name}/100%`);
  await expect(row(home, 'a.txt')).toBeVisible();
  await home.goto(`/files/${user.name}/%E0%A4%A`);
  await expect(home.getByRole('heading', {name: /^It is not there/})).toBeVisible();
  await home.goto('/%');
  await expect(home.getByRole('heading', {name: 'There is no such page', level: 1})).toBeVisible();
});

test('a right that is taken while one looks is missed in words', async ({
  home, admin, server, user, watch
}) => {
  watch.allow(/status of (403|404)/);
  const bert = await makeUser(admin, server);
  await bert.put('plans/house.txt', 'hello');
  await grant(bert, 'plans', user);
  await home.goto(`/files/${bert.name}/plans`);
  await expect(row(home, 'house.txt')).toBeVisible();
  const query = new URLSearchParams({path: `/${bert.name}/plans`, grantee: user.name});
  await bert.json('DELETE', `/grants?${query}`);
  await home.waitForTimeout(3100); // so often the list is asked for
  await home.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(home.getByRole('heading', {name: /or is not shared with you any more\.$/}))
    .toBeVisible();
  await expectAccessible(home);
});

test('a page that cannot be loaded says so, and comes once there is a line', async ({
  home, watch
}) => {
  watch.allow(/ERR_|dynamically imported/);
  const context = home.context();
  await context.setOffline(true);
  await home.getByRole('link', {name: 'Shared'}).click();
  const says = home.getByRole('heading', {name: 'The server cannot be reached.', level: 1});
  await expect(says).toBeVisible();
  await home.getByRole('button', {name: 'Try again'}).click();
  await expect(says).toBeVisible(); // and it is still this page
  await home.goBack();
  await expect(home.getByRole('navigation', {name: 'Folder path'})).toBeVisible();
  await home.goForward();
  await expect(says).toBeVisible();
  await context.setOffline(false);
  await expect(home.getByRole('heading', {name: 'Shared', level: 1})).toBeVisible();
});

test('a page that one may not open has a heading that says so', async ({home}) => {
  for (const path of ['/audit', '/users', '/system']) {
    await home.goto(path);
    await expect(home.getByRole('heading', {name: /^You do not have the right/, level: 1}))
      .toBeVisible();
  }
});

test('names that differ in what is not seen look different', async ({home, user}) => {
  await user.put('plan\u200b/a.txt', 'x');
  await user.put('pl\u200dan.md', 'x');
  await user.put('👩‍💻.md', 'x');
  await home.reload();
  await expect(row(home, '👩‍💻.md')).toBeVisible();
  await expect(row(home, 'pl\\u200dan.md')).toBeVisible();
  await row(home, 'plan\\u200b').focus();
  await home.keyboard.press('F2');
  await expect(home.getByLabel('New name for plan\\u200b')).toHaveValue('plan\u200b');
  await home.keyboard.press('Escape');
  await home.keyboard.press('Enter');
  await expect(row(home, 'a.txt')).toBeFocused();
  await expect(home.getByRole('navigation', {name: 'Folder path'})).toContainText('plan\\u200b');
});

test('a preview shows text of more than one kind, and says what is none', async ({home, user}) => {
  const lossy = 'Some characters could not be read.';
  const none = 'This is not text that can be shown here. Download it.';
  const files = {
    'a empty.txt': ['', 'This file is empty.'],
    'b wide.txt': [Buffer.from('\ufeffGrüße, 世界', 'utf16le'), 'Grüße, 世界'],
    'c wider.txt': [Buffer.from('\ufeffGrüße, 世界', 'utf16le').swap16(), 'Grüße, 世界'],
    'd latin.txt': [Buffer.from('Grüße aus München', 'latin1'), lossy],
    'e bytes.txt': [Buffer.from([1, 0, 0xff, 7, 9, 0xfe, 0]), none],
    'f far.txt': [Buffer.from('d0d0f2e5eaf1f220', 'hex'), none],
    'g plain.txt': ['héllo', 'héllo']
  } as const;
  for (const [name, [content]] of Object.entries(files)) await user.put(name, content);
  await home.goto(`/files/${user.name}/a%20empty.txt`);
  for (const [name, [, said]] of Object.entries(files)) {
    await expect(preview(home, said)).toBeVisible();
    await expect(preview(home, lossy)).toHaveCount(/^d/.test(name) ? 1 : 0);
    if (/^[abd]/.test(name)) await expectAccessible(home);
    await home.keyboard.press('ArrowRight');
  }
});

test('the list of all homes has a name', async ({home}) => {
  await home.goto('/files?homes');
  await expect(home.getByRole('grid', {name: 'Contents of All homes'})).toBeVisible();
});
