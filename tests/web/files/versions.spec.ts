import {readFileSync} from 'node:fs';
import type {Page} from '@playwright/test';
import {row} from '../support/files.ts';
import {type Api, expect, expectAccessible, makeUser, test} from '../support/test.ts';

const pane = (page: Page) => page.getByRole('complementary', {name: 'Details'});
const versions = (page: Page) => pane(page).getByRole('button', {name: /^Version of/});
const fold = (page: Page, title: string) => pane(page).locator('summary', {hasText: title});
const item = (page: Page, name: string) => page.getByRole('menuitem', {name});

async function contentOf(user: Api, name: string): Promise<string> {
  return (await user.send('GET', `/files/${user.name}/${name}`)).text();
}

async function openDetails(page: Page, name: string): Promise<void> {
  await row(page, name).click({position: {x: 400, y: 10}});
  await page.getByRole('button', {name: 'Details'}).click();
}

test('an old content of a file is seen, downloaded, brought back and deleted', async ({
  home, user
}) => {
  for (const text of ['first', 'second one', 'third and last']) await user.put('a.txt', text);
  await home.reload();
  await openDetails(home, 'a.txt');
  await fold(home, 'Versions').click();
  await expect(versions(home)).toHaveCount(3);
  await expect(pane(home).getByText('10 B')).toBeVisible();
  for (const name of await versions(home).all()) // of one minute, they are told by the second
    await expect(name).toHaveAccessibleName(/\d\d:\d\d:\d\d$/);
  await expectAccessible(home);

  await versions(home).nth(1).click();
  await item(home, 'Preview').click();
  const dialog = home.getByRole('dialog');
  await expect(dialog.getByText('second one')).toBeVisible();
  await home.goBack();
  await expect(dialog).toBeHidden();
  await expect(versions(home).nth(1)).toBeFocused();
  await home.goForward();
  await expect(dialog.getByText('second one')).toBeVisible();
  await home.keyboard.press('Escape');

  const waiting = home.waitForEvent('download');
  await versions(home).nth(2).click();
  await item(home, 'Download').click();
  const download = await waiting;
  expect(download.suggestedFilename()).toBe('a.txt');
  expect(readFileSync(await download.path()).toString()).toBe('first');

  // By keyboard.
  await versions(home).nth(2).press('Enter');
  await item(home, 'Restore').press('Enter');
  await expect(home.getByText(/^“a\.txt” is as it was on /)).toBeVisible();
  expect(await contentOf(user, 'a.txt')).toBe('first');
  await expect(pane(home).getByText('(5 bytes)')).toBeVisible();
  await expect(versions(home)).toHaveCount(3);
  // What it was before is a version, and present again by Undo.
  await home.getByRole('button', {name: 'Undo'}).press('Enter');
  await expect.poll(() => contentOf(user, 'a.txt')).toBe('third and last');
  await expect(pane(home).getByText('(14 bytes)')).toBeVisible();
  await home.getByRole('button', {name: 'Undo'}).last().click();
  await expect.poll(() => contentOf(user, 'a.txt')).toBe('first');
  await expect(pane(home).getByText('(5 bytes)')).toBeVisible();
  await expect(versions(home)).toHaveCount(3);

  await versions(home).nth(1).click();
  await item(home, 'Delete').click();
  await expect(home.getByRole('dialog')).toContainText('There is no way back to this version.');
  await home.getByRole('dialog').getByRole('button', {name: 'Delete for good'}).click();
  await expect(versions(home)).toHaveCount(2);
  expect((await user.get(`/versions/${user.name}/a.txt`)).items.length).toBe(2);
});

test('on a narrow screen the details are a dialog, in which a version goes for good', async ({
  home, user
}) => {
  for (const text of ['first', 'second one']) await user.put('a.txt', text);
  await home.setViewportSize({width: 360, height: 800});
  await home.reload();
  await home.getByRole('checkbox', {name: 'Select a.txt'}).click();
  await home.getByRole('button', {name: 'Details'}).click();
  const dialog = home.getByRole('dialog', {name: 'Details'});
  await dialog.locator('summary', {hasText: 'Versions'}).click();
  await dialog.getByRole('button', {name: /^Version of/}).nth(1).click();
  await item(home, 'Delete').click();
  await expectAccessible(home);
  await home.getByRole('button', {name: 'Delete for good'}).click();
  await expect(dialog.getByRole('button', {name: /^Version of/})).toHaveCount(1);
});

test('what an upload replaced is brought back beside the uploads, wide and narrow', async ({
  home, user
}) => {
  await user.put('a.txt', 'before');
  await home.reload();
  await expect(row(home, 'a.txt')).toBeVisible();
  const upload = (ending: string) =>
    home.getByLabel('Upload files').setInputFiles([...'abcdefghi'].map((name) =>
      ({name: name + ending, mimeType: 'text/plain', buffer: Buffer.from('after')})));
  await upload('.txt');
  await home.getByRole('button', {name: 'Replace'}).click();
  const tray = home.getByRole('region', {name: 'Uploads'});
  await expect(tray.getByText('9 files uploaded')).toBeVisible();
  await openDetails(home, 'a.txt');
  await fold(home, 'Versions').click();
  await expect(versions(home)).toHaveCount(2);
  const box = (await pane(home).boundingBox())!;
  expect(box.y + box.height).toBeLessThanOrEqual((await tray.boundingBox())!.y);
  await versions(home).nth(1).click();
  await item(home, 'Restore').click();
  await expect.poll(() => contentOf(user, 'a.txt')).toBe('before');
  await expectAccessible(home);
  // No more room is kept than is needed.
  await tray.getByRole('button', {name: 'Show less'}).click();
  await expect.poll(async () => (await pane(home).boundingBox())!.height)
    .toBeGreaterThan(box.height + 200);
  await tray.getByRole('button', {name: 'Close the list of uploads'}).click();
  await expect.poll(async () => {
    const {y, height} = (await pane(home).boundingBox())!;
    return y + height;
  }).toBe(home.viewportSize()!.height);

  await home.setViewportSize({width: 360, height: 640});
  await upload('.md');
  await expect(tray.getByText('9 files uploaded')).toBeVisible();
  await home.getByRole('button', {name: 'Details'}).click();
  const dialog = home.getByRole('dialog', {name: 'Details'});
  await dialog.getByRole('button', {name: /^Version of/}).first().click();
  await item(home, 'Restore').click();
  await expect.poll(() => contentOf(user, 'a.txt')).toBe('after');
});

test('details tell who has access, and what happened', async ({home, user, admin, server}) => {
  const other = await makeUser(admin, server);
  await user.put('notes/a.txt', 'x');
  await user.json('PUT', '/grants', {
    path: `/${user.name}/notes`, grantee: other.name, rights: ['read', 'write']
  });
  await user.post('/shares', {path: `/${user.name}/notes/a.txt`, rights: ['read']});
  await home.goto(`/files/${user.name}/notes`);
  await openDetails(home, 'a.txt');
  await fold(home, 'Versions').press('Enter');
  await expect(pane(home).getByText('What the file holds now is all')).toBeVisible();
  await fold(home, 'Who has access').press('Enter');
  await expect(pane(home).getByText(`${other.name} may read and write`)).toBeVisible();
  await expect(pane(home).getByText('by right of the folder notes')).toBeVisible();
  await expect(pane(home).getByText('One link leads to it.')).toBeVisible();
  await fold(home, 'Activity').press('Enter');
  await expect(pane(home).getByText(/^Uploaded/)).toBeVisible();
  await expectAccessible(home);
});

test('whom a file is shared with sees what he may do with it', async ({
  home, user, admin, server
}) => {
  const owner = await makeUser(admin, server);
  await owner.put('plan.txt', 'x');
  await owner.json('PUT', '/grants', {
    path: `/${owner.name}`, grantee: user.name, rights: ['read']
  });
  await home.goto(`/files/${owner.name}`);
  await openDetails(home, 'plan.txt');
  await fold(home, 'Who has access').click();
  await expect(pane(home).getByText('You may read')).toBeVisible();
});
