// A name that is taken: what is asked, what is not, and what the record keeps of it.
import type {Page} from '@playwright/test';
import {list, messages, names, row, takeNames, putSome, picked} from '../support/files.ts';
import {type Api, expect, expectAccessible, test} from '../support/test.ts';

const tray = (page: Page) => page.getByRole('region', {name: 'Uploads'});
const file = (name: string, content: string | Buffer) =>
  ({name, mimeType: 'text/plain', buffer: Buffer.from(content)});
const upload = (page: Page, ...all: ReturnType<typeof file>[]) =>
  page.locator('input[type=file][multiple]').setInputFiles(all);

async function failures(user: Api): Promise<unknown[]> {
  return (await user.get('/audit/events?success=false')).items;
}

test('a clash shows size and time of both files, and fails nothing', async ({home, user}) => {
  await user.put('one.txt', 'old');
  await home.reload();
  await expect(row(home, 'one.txt')).toBeVisible();
  await upload(home, file('one.txt', 'much longer'), file('two.txt', 'two'));
  const dialog = home.getByRole('dialog');
  const time = String.raw`\d{1,2} \w+ 20\d\d, \d\d:\d\d`;
  await expect(dialog.getByText('There now')).toBeVisible();
  await expect(dialog.getByText(new RegExp(`^3 B · ${time}$`))).toBeVisible();
  await expect(dialog.getByText('To come')).toBeVisible();
  await expect(dialog.getByText(new RegExp(`^11 B · ${time}$`))).toBeVisible();
  await expectAccessible(home);
  await dialog.getByRole('button', {name: 'Replace'}).click();
  await expect(tray(home).getByText('2 files uploaded')).toBeVisible();
  expect(await (await user.send('GET', `/files/${user.name}/one.txt`)).text()).toBe('much longer');

  await upload(home, file('one.txt', 'a third'));
  await home.getByRole('button', {name: 'Keep both'}).click();
  await expect(row(home, 'one (2).txt')).toBeVisible();
  await upload(home, file('one.txt', 'a fourth'));
  await home.getByRole('button', {name: 'Keep both'}).click();
  await expect(row(home, 'one (3).txt')).toBeVisible();
  expect(await failures(user)).toEqual([]);
});

test('what is there by the same content is left out, and the tray says so', async ({
  home, user
}) => {
  const large = Buffer.alloc(9 * 1024 * 1024, 'x'); // it would go in pieces
  await user.put('same.txt', 'same');
  await user.put('large.bin', large);
  await user.put('differs.txt', 'that');
  await home.reload();
  await expect(row(home, 'same.txt')).toBeVisible();
  let asked = 0;
  home.on('request', (request) => (asked += /PUT|POST|PATCH/.test(request.method()) ? 1 : 0));
  await upload(home, file('same.txt', 'same'), file('large.bin', large));
  await expect(tray(home).getByText('Already there, identical')).toHaveCount(2);
  await expect(tray(home).getByText('Nothing was uploaded')).toBeVisible();
  await expectAccessible(home);
  expect(asked).toBe(0);
  // As long, and another: that is asked about.
  await upload(home, file('differs.txt', 'this'), file('same.txt', 'same'));
  await expect(home.getByText('“differs.txt” is there already.')).toBeVisible();
  await home.getByRole('button', {name: 'Skip'}).click();
  await expect(tray(home).getByText('Left out')).toBeVisible();
  expect(await failures(user)).toEqual([]);
  expect((await user.get(`/versions/${user.name}/same.txt`)).items).toHaveLength(1);
});

test('a file of a folder that is there is asked about too, one of a long folder as well', async ({
  home, user, watch
}) => {
  watch.allow(/status of 404/); // where a folder is too long to be read for one name
  await user.put('album/deep/a.txt', 'old');
  await home.evaluate(() => {
    const root = navigator.storage.getDirectory();
    Object.assign(window, {
      showDirectoryPicker: async () => {
        const album = await (await root).getDirectoryHandle('album', {create: true});
        const deep = await album.getDirectoryHandle('deep', {create: true});
        const fresh = await album.getDirectoryHandle('fresh', {create: true});
        for (const folder of [deep, fresh]) {
          const stream = await (await folder.getFileHandle('a.txt', {create: true}))
            .createWritable();
          await stream.write('new');
          await stream.close();
        }
        return album;
      }
    });
  });
  await home.getByRole('button', {name: 'Upload', exact: true}).click();
  await home.getByRole('menuitem', {name: 'Upload folder'}).click();
  await expect(home.getByText('“a.txt” is there already.')).toBeVisible();
  await home.getByRole('button', {name: 'Keep both'}).click();
  await expect(tray(home).getByText('2 files uploaded')).toBeVisible();
  expect(await names(user, 'album/deep')).toEqual(['a (2).txt', 'a.txt']);
  expect(await names(user, 'album/fresh')).toEqual(['a.txt']);

  await user.folder('long');
  for (let i = 0; i < 1010; i += 10)
    await Promise.all(Array.from({length: 10}, (_, k) => user.put(`long/${i + k}`, '')));
  await home.goto(`/files/${user.name}/long`);
  await expect(row(home, '1')).toBeVisible();
  await upload(home, file('999', 'x'), file('none', 'x'));
  await expect(home.getByText('“999” is there already.')).toBeVisible();
  await home.getByRole('button', {name: 'Skip'}).click();
  await expect(tray(home).getByText('One file uploaded')).toBeVisible();
  expect(await failures(user)).toEqual([]);
});

test('somebody who takes the name in between is asked about as well', async ({
  home, user, watch
}) => {
  watch.allow(/status of 409/);
  await expect(home.getByText('This folder is empty')).toBeVisible();
  await home.route(`**/api/v1/files/${user.name}/race.txt?*`, async (route) => {
    await user.put('race.txt', 'theirs');
    await route.continue();
  }, {times: 1});
  await upload(home, file('race.txt', 'mine'));
  await expect(home.getByText('“race.txt” is there already.')).toBeVisible();
  await expect(home.getByRole('dialog').getByText(/^6 B · /)).toBeVisible();
  await home.getByRole('button', {name: 'Keep both'}).click();
  await expect(row(home, 'race (2).txt')).toBeVisible();
});

test('a move asks with both sides, and says where both hold the same', async ({home, user}) => {
  await putSome(user);
  await takeNames(home, user);
  await user.put('notes/c.bin', 'x');
  await home.keyboard.press('Control+a');
  await home.getByRole('checkbox', {name: 'Select notes'}).click();
  await picked(home).getByRole('button', {name: 'Move'}).click();
  const dialog = home.getByRole('dialog');
  await dialog.getByRole('button', {name: 'notes'}).click();
  await home.getByRole('button', {name: 'Move here'}).click();
  await expect(dialog.getByText('“b.md” is there already.')).toBeVisible();
  await expect(dialog.getByText(`/${user.name}/notes`, {exact: true})).toBeVisible();
  await expect(dialog.getByLabel('Do the same with all others (1)')).toBeVisible();
  await expect(dialog.getByText(/^7 B · .*20\d\d/)).toHaveCount(2);
  await expect(dialog.getByText('Both hold the same.')).toBeHidden();
  await home.getByRole('button', {name: 'Keep both'}).click();
  await expect(dialog.getByText('“c.bin” is there already.')).toBeVisible();
  await expect(dialog.getByText('Both hold the same.')).toBeVisible();
  await home.getByRole('button', {name: 'Skip'}).click();
  await expect(list(home).getByText('b.md')).toBeHidden();
  await expect(row(home, 'c.bin')).toBeVisible();
  expect(await names(user, 'notes')).toEqual(['a.txt', 'b (2).md', 'b.md', 'c.bin']);
  expect(await failures(user)).toEqual([]);
});

test('a folder does not take the place of a folder, and that is why', async ({home, user}) => {
  await user.put('plans/a.txt', 'mine');
  await user.put('box/plans/b.txt', 'theirs');
  await user.put('box/list', 'a file');
  await user.folder('list');
  await home.reload();
  for (const name of ['list', 'plans'])
    await home.getByRole('checkbox', {name: `Select ${name}`}).click();
  await picked(home).getByRole('button', {name: 'Copy'}).click();
  const dialog = home.getByRole('dialog');
  await dialog.getByRole('button', {name: 'box'}).click();
  await home.getByRole('button', {name: 'Copy here'}).click();
  await expect(dialog.getByText('“list” is there already, and a folder and a file')).toBeVisible();
  await home.getByRole('button', {name: 'Skip'}).click();
  await expect(dialog.getByText(
    'There is a folder “plans” already, and folders are not put together: keep both, or skip.'
  )).toBeVisible();
  await expect(dialog.getByText(/cannot replace/)).toBeHidden();
  await expect(dialog.getByRole('button', {name: 'Replace'})).toBeHidden();
  await expectAccessible(home);
  await home.getByRole('button', {name: 'Keep both'}).click();
  await expect(messages(home).getByText('Copied to')).toBeVisible();
  expect(await names(user, 'box')).toEqual(['list', 'plans', 'plans (2)']);
  // What comes back from the trash is told the same.
  await user.send('DELETE', `/files/${user.name}/plans?recursive=true`);
  await user.folder('plans');
  await home.goto('/trash');
  await home.getByRole('checkbox', {name: 'Select plans'}).click();
  await picked(home).getByRole('button', {name: 'Restore'}).click();
  await expect(dialog.getByText('There is a folder “plans” already')).toBeVisible();
  await home.getByRole('button', {name: 'Skip'}).click();
  expect(await names(user, 'plans')).toEqual([]);
});
