// Each task on 500 hostile names: nothing of them runs, and each is met by its exact name.
import {expect, type Page} from '@playwright/test';
import {asShown, hostileNames} from '../support/names.ts';
import {type Api, test} from '../support/test.ts';

const grid = (page: Page) => page.getByRole('grid');
const picked = (page: Page) => page.getByRole('toolbar', {name: 'With what is selected'});
/** Where each is a task of its own, a fifth of them, unless all are asked for. */
const some = process.env.BALUHOST_TEST_ALL_NAMES
  ? hostileNames : hostileNames.filter((_, i) => i % 5 === 0);
const sorted = (names: readonly string[]) => [...names].sort((a, b) => (a < b ? -1 : 1));

async function stored(user: Api, folder: string): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = '?limit=1000' + (cursor && `&cursor=${encodeURIComponent(cursor)}`);
    const page = await user.get(`/dirs/${user.name}/${folder}${query}`);
    names.push(...page.items.map((item: {name: string}) => item.name));
    cursor = page.next_cursor;
  }
  return names;
}

async function fill(user: Api, folder: string, names = hostileNames): Promise<void> {
  await user.folder(folder);
  for (let i = 0; i < names.length; i += 10)
    await Promise.all(names.slice(i, i + 10).map((name) =>
      user.put(`${folder}/${name}`, `of ${name}`)));
}

/** The names in a grid, in its order, read as it is scrolled from its first row to its last. */
async function shown(page: Page): Promise<string[]> {
  return grid(page).evaluate(async (element) => {
    const scroller = element.parentElement!;
    const names = new Map<number, string>();
    scroller.scrollTop = 0;
    for (;;) {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const rows = [...element.querySelectorAll<HTMLElement>('[data-index]')];
      for (const row of rows)
        names.set(Number(row.dataset.index), row.querySelector('bdi')!.textContent!);
      const before = scroller.scrollTop;
      scroller.scrollTop += scroller.clientHeight / 2;
      if (scroller.scrollTop === before)
        return [...names].sort(([a], [b]) => a - b).map(([, name]) => name);
    }
  });
}

/** The focus is at the row of that name. */
async function atFocus(page: Page, name: string): Promise<void> {
  const seen = asShown(name);
  await page.waitForFunction((wanted) =>
    document.activeElement?.querySelector('bdi')?.textContent === wanted, seen);
}

test.describe.configure({timeout: 600_000});

test.beforeEach(({page}) => {
  page.on('dialog', (dialog) => {
    throw new Error(`a name ran: ${dialog.message()}`);
  });
});

test.afterEach(async ({page}) => {
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);
  expect(await page.title()).not.toBe('ran');
});

test('there are 500 of them, each another', () => {
  expect(hostileNames.length).toBeGreaterThanOrEqual(500);
  expect(new Set(hostileNames).size).toBe(hostileNames.length);
});

test('files are renamed to them', async ({home, user}) => {
  // In the order of their sizes, which another name does not change: the next one is below.
  await user.folder('plain');
  const plain = some.map((_, i) => `! ${String(i).padStart(3, '0')}`);
  for (let i = 0; i < plain.length; i += 10)
    await Promise.all(plain.slice(i, i + 10).map((name, k) =>
      user.put(`plain/${name}`, 'x'.repeat(i + k))));
  await home.goto(`/files/${user.name}/plain?sort=size`);
  await shown(home); // all pages are here
  await grid(home).locator('[data-index][tabindex="0"]').focus();
  await home.keyboard.press('Home');
  for (const [i, name] of some.entries()) {
    if (i > 0) await home.keyboard.press('ArrowDown');
    await atFocus(home, plain[i]!);
    await home.keyboard.press('F2');
    await home.waitForFunction((wanted) =>
      (document.activeElement as HTMLInputElement).value === wanted, plain[i]);
    await home.keyboard.insertText(name);
    const moved = home.waitForResponse((response) => response.url().endsWith('/actions/move'));
    await home.keyboard.press('Enter');
    expect((await moved).status(), name).toBe(200);
    await atFocus(home, name);
  }
  expect(sorted(await stored(user, 'plain'))).toEqual(sorted(some));
  expect(sorted(await shown(home))).toEqual(sorted(some.map(asShown)));
});

test('they are previewed one after the other', async ({home, user}) => {
  await fill(user, 'all');
  await home.goto(`/files/${user.name}/all?sort=name`);
  const names = await shown(home);
  expect(sorted(names)).toEqual(sorted((await stored(user, 'all')).map(asShown)));
  await grid(home).locator('[data-index][tabindex="0"]').focus();
  await home.keyboard.press('Home');
  await atFocus(home, names[0]!);
  await home.keyboard.press('Enter');
  const heading = home.getByRole('dialog').getByRole('heading');
  for (const [i, name] of names.entries()) {
    if (i > 0) await home.keyboard.press('ArrowRight');
    await expect(home.getByText(`${i + 1} of `)).toBeVisible();
    expect(await heading.textContent()).toBe(name);
  }
});

test('they move, go to the trash, and come back', async ({home, user}) => {
  const all = sorted(hostileNames);
  const seen = sorted(hostileNames.map(asShown));
  const done = {timeout: 120_000};
  await fill(user, 'all/deep');
  await user.folder('all/target');
  await home.goto(`/files/${user.name}/all/deep`);
  expect(sorted(await shown(home))).toEqual(seen);
  await grid(home).getByRole('row').nth(1).focus();
  await home.keyboard.press('Home');
  for (let i = 0; i < 3; ++i) await home.keyboard.press('End'); // all pages are here
  await home.keyboard.press('Control+a');
  await picked(home).getByRole('button', {name: 'Move'}).click();
  const dialog = home.getByRole('dialog');
  await dialog.getByRole('button', {name: 'Folder above'}).click();
  await dialog.getByRole('button', {name: 'target'}).click();
  await dialog.getByRole('button', {name: 'Move here'}).click();
  await expect(home.getByText(`${all.length} entries moved to target.`)).toBeVisible(done);
  expect(sorted(await stored(user, 'all/target'))).toEqual(all);

  await home.goto(`/files/${user.name}/all/target`);
  await shown(home);
  await grid(home).getByRole('row').nth(1).focus();
  await home.keyboard.press('Control+a');
  await home.keyboard.press('Delete');
  await expect(home.getByText(`${all.length} entries moved to the trash.`)).toBeVisible(done);
  expect(await stored(user, 'all/target')).toEqual([]);

  await home.goto('/trash');
  expect(sorted(await shown(home))).toEqual(seen);
  await grid(home).getByRole('row').nth(1).focus();
  await home.keyboard.press('Control+a');
  await picked(home).getByRole('button', {name: 'Restore'}).click();
  await expect(home.getByText(`${all.length} entries restored.`)).toBeVisible(done);
  expect(sorted(await stored(user, 'all/target'))).toEqual(all);
});

test('they are shared, each by a link that says its name', async ({home, user}) => {
  await fill(user, 'all', some);
  await home.goto(`/files/${user.name}/all?sort=name`);
  const names = await shown(home);
  expect(sorted(names)).toEqual(sorted((await stored(user, 'all')).map(asShown)));
  const dialog = home.getByRole('dialog');
  await grid(home).locator('[data-index][tabindex="0"]').focus();
  await home.keyboard.press('Home');
  await atFocus(home, names[0]!);
  for (const name of names) {
    await home.keyboard.press('Space');
    await picked(home).getByRole('button', {name: 'Share'}).press('Enter');
    const title = await dialog.getByRole('heading', {level: 2}).textContent();
    expect(title).toBe(`Share “${name}”`);
    const made = home.waitForResponse((response) =>
      response.url().endsWith('/shares') && response.request().method() === 'POST');
    await dialog.getByRole('button', {name: 'Make link'}).press('Enter');
    expect(asShown((await (await made).json()).path)).toBe(`/${user.name}/all/${name}`);
    await home.keyboard.press('Escape');
    await grid(home).locator('[data-index][tabindex="0"]').focus();
    await home.keyboard.press('Escape');
    await home.keyboard.press('ArrowDown');
  }
});
