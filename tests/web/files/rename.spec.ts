// Names are changed in their place, in the list and in tiles.
import type {Page} from '@playwright/test';
import {list, names, putSome, row} from '../support/files.ts';
import {expect, expectAccessible, test} from '../support/test.ts';

test.beforeEach(async ({user}) => putSome(user));

test('a file is renamed in place, and that is undone', async ({home, user}) => {
  await row(home, 'b.md').focus();
  await home.keyboard.press('F2');
  await expect(home.getByLabel('New name for b.md')).toBeFocused();
  await home.keyboard.type('readme'); // the stem is chosen, the ending stays
  await home.keyboard.press('Enter');
  await expect(row(home, 'readme.md')).toBeFocused();
  await expect.poll(() => names(user)).toEqual(['c.bin', 'notes', 'readme.md']);
  await home.getByRole('button', {name: 'Undo'}).click();
  await expect(row(home, 'b.md')).toBeVisible();
  await row(home, 'c.bin').getByRole('button', {name: 'Actions'}).click();
  await home.getByRole('menuitem', {name: 'Rename'}).click();
  await home.getByLabel('New name for c.bin').press('Escape');
  await expect(row(home, 'c.bin')).toBeFocused();
  await expect.poll(() => names(user)).toEqual(['b.md', 'c.bin', 'notes']);
});

/** What is wrong with a new name stands at its field, which has the focus; it is taken back. */
async function expectFault(home: Page, name: string, value: string, fault: RegExp) {
  const field = home.getByLabel(`New name for ${name}`);
  await expect(field).toHaveAccessibleDescription(fault);
  await expect(field).toHaveValue(value);
  await expect(field).toBeFocused();
  await expect(home.getByRole('alert').filter({hasText: fault})).toBeInViewport({ratio: 1});
  await expect(home.getByRole('dialog')).toBeHidden();
}

const taken = /^There is something of that name already\.$/;

test('a new name that is taken or cannot be stays in its field, with what is wrong', async ({
  home, user, watch
}) => {
  const field = home.getByLabel('New name for b.md');
  await row(home, 'b.md').focus();
  await home.keyboard.press('F2');
  await field.fill('c.bin');
  await home.keyboard.press('Enter');
  await expectFault(home, 'b.md', 'c.bin', taken);
  await expectAccessible(home);
  await home.keyboard.press('Escape');
  await expect(row(home, 'b.md')).toBeFocused();
  await home.keyboard.press('F2');
  await expect(field).toHaveValue('b.md');
  await expect(field).toHaveAccessibleDescription('');
  await field.fill('d/e');
  await home.keyboard.press('Enter');
  await expectFault(home, 'b.md', 'd/e', /^A name has no slash/);
  await home.keyboard.type('?'); // it is another now: nothing is wrong with it that is known
  await expect(field).toHaveAccessibleDescription('');
  // What the server refuses, it says in words too.
  watch.allow(/status of 403/);
  await home.route('**/actions/move', (route) => route.fulfill({
    status: 403, contentType: 'application/problem+json',
    body: JSON.stringify({code: 'forbidden', request_id: 'r-1', status: 403})
  }), {times: 1});
  await field.fill('d.md');
  await home.keyboard.press('Enter');
  await expectFault(home, 'b.md', 'd.md', /^You do not have the right to do this\.$/);
  await home.keyboard.type('x');
  await home.keyboard.press('Enter');
  await expect(row(home, 'd.mdx')).toBeFocused();
  await expect(field).toBeHidden();
  await expect.poll(() => names(user)).toEqual(['c.bin', 'd.mdx', 'notes']);
});

test('what failed is tried again by Enter, with the same name', async ({home, user, watch}) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  const field = home.getByLabel('New name for b.md');
  await row(home, 'b.md').focus();
  await home.keyboard.press('F2');
  await field.fill('d.md');
  await home.context().setOffline(true);
  await home.keyboard.press('Enter');
  await expectFault(home, 'b.md', 'd.md', /^The server cannot be reached\.$/);
  await home.context().setOffline(false);
  await home.keyboard.press('Enter');
  await expect(row(home, 'd.md')).toBeFocused();
  await expect.poll(() => names(user)).toEqual(['c.bin', 'd.md', 'notes']);
});

test('a row that goes while its name is changed is missed in words', async ({
  home, user, watch
}) => {
  watch.allow(/status of 404/);
  const lost = (name: string) => home.getByText(`“${name}” is not here any more: somebody`);
  const field = home.getByLabel('New name for b.md');
  await row(home, 'b.md').focus();
  await home.keyboard.press('F2');
  await field.fill('mine.md');
  await user.send('DELETE', `/files/${user.name}/b.md`);
  await home.keyboard.press('Enter'); // the server does not know it, and the list learns that
  await expect(lost('b.md')).toBeVisible();
  await expect(field).toBeHidden();
  await expect(row(home, 'c.bin')).toBeFocused();
  await home.keyboard.press('F2');
  await expect(home.getByLabel('New name for c.bin')).toBeFocused();
  await user.post('/actions/move', {from: `/${user.name}/c.bin`, to: `/${user.name}/other`});
  await home.waitForTimeout(3100); // so often the list is asked for
  await home.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(lost('c.bin')).toBeVisible();
  await expect(list(home).locator('[data-index]:focus')).toBeVisible();
});

/** By mouse. */
async function begin(home: Page, name: string) {
  await row(home, name).getByRole('button', {name: 'Actions'}).click();
  await home.getByRole('menuitem', {name: 'Rename'}).click();
  return home.getByLabel(`New name for ${name}`);
}

test('by mouse a name is left: it is kept, or stays where it cannot be', async ({home, user}) => {
  const rename = (name: string) => begin(home, name);
  let field = await rename('b.md');
  await field.dblclick({position: {x: 14, y: 14}}); // chooses a word, opens nothing
  await field.fill('c.bin');
  await home.mouse.click(700, 600); // where nothing is
  await expectFault(home, 'b.md', 'c.bin', taken);
  for (let i = 0; i < 2; ++i) {
    await home.getByRole('searchbox').click();
    await expect(home.getByRole('searchbox')).toBeFocused();
    await expect(field).toHaveValue('c.bin');
    await expect(field).toHaveAccessibleDescription(taken);
    await field.click();
  }
  await expect.poll(() => names(user)).toEqual(['b.md', 'c.bin', 'notes']);
  await field.fill('d.md');
  await home.getByRole('searchbox').click();
  await expect(row(home, 'd.md')).toBeVisible();
  await expect(home.getByRole('searchbox')).toBeFocused();
  await home.getByRole('button', {name: 'Undo'}).click();
  await expect(row(home, 'b.md')).toBeFocused();
  // Where only the window loses the focus, one goes on.
  field = await rename('c.bin');
  await field.fill('e.bin');
  await home.evaluate(() => {
    document.hasFocus = () => false;
    document.activeElement!.dispatchEvent(new FocusEvent('blur'));
  });
  await expect(field).toHaveValue('e.bin');
  await expect.poll(() => names(user)).toEqual(['b.md', 'c.bin', 'notes']);
  await home.evaluate(() => delete (document as {hasFocus?: unknown}).hasFocus);
  await row(home, 'notes').click({position: {x: 400, y: 10}});
  await expect(row(home, 'e.bin')).toBeVisible();
  await expect(row(home, 'notes')).toHaveAttribute('aria-selected', 'true');
});

test('a typed name is kept however one goes on', async ({home, user}) => {
  await user.put('notes/one.txt', 'x');
  await home.getByRole('link', {name: 'notes'}).click();
  const ways: [string, () => Promise<unknown>][] = [
    ['sort', async () => {
      await home.getByRole('button', {name: 'Sort'}).click();
      await home.getByRole('menuitemradio', {name: 'Largest first'}).click();
    }],
    ['head', () => home.getByRole('button', {name: 'Name', exact: true}).click()],
    ['tiles', async () => {
      await home.getByRole('button', {name: 'Show as tiles'}).click();
      await home.getByRole('button', {name: 'Show as list'}).click();
    }],
    ['path', () => home.getByRole('navigation', {name: 'Folder path'}).getByText('My files')
      .click()],
    ['link', () => home.getByRole('link', {name: 'Trash'}).click()],
    ['back', () => home.goBack()]
  ];
  let name = 'one.txt';
  for (const [way, go] of ways) {
    const field = await begin(home, name);
    name = `${way}.txt`;
    await field.fill(name);
    await go();
    await expect.poll(() => names(user, 'notes')).toContain(name);
    await expect(home.getByText(`Renamed to ${name}.`)).toBeVisible();
    if (way === 'path') await home.getByRole('link', {name: 'notes'}).click();
    if (way === 'link') await home.goBack();
  }
  await expect(home.getByRole('alert')).toHaveCount(0);
});

test('a name that cannot be is told of where its field goes', async ({home, user}) => {
  const told = (name: string) =>
    home.getByRole('alert').getByText(`${name}: There is something of that name already.`);
  const field = await begin(home, 'b.md');
  await field.fill('c.bin');
  await home.getByRole('button', {name: 'Sort'}).click();
  await expect(field).toHaveAccessibleDescription(taken);
  await expect(home.getByRole('menuitemradio').first()).toBeFocused();
  await home.keyboard.press('Escape');
  await home.getByRole('button', {name: 'Show as tiles'}).click();
  await expect(told('c.bin')).toBeVisible();
  await expect(field).toBeHidden();
  await home.getByRole('button', {name: 'Show as list'}).click();
  await begin(home, 'b.md');
  await field.fill('notes');
  await home.getByRole('link', {name: 'Trash'}).click();
  await expect(home.getByRole('heading', {name: 'The trash is empty'})).toBeVisible();
  await expect(told('notes')).toBeVisible();
  await home.goBack();
  // Another is begun meanwhile; and what is being renamed is deleted.
  await begin(home, 'b.md');
  await field.fill('.');
  await row(home, 'c.bin').focus();
  await home.keyboard.press('F2');
  await expect(home.getByLabel('New name for c.bin')).toBeFocused();
  await expect(home.getByRole('alert').getByText(/^\.: A name does not/)).toBeVisible();
  await home.getByLabel('New name for c.bin').fill('b.md');
  await home.getByRole('button', {name: 'Actions for c.bin'}).click();
  await home.getByRole('menuitem', {name: 'Delete'}).click();
  await expect(home.getByText('“c.bin” moved to the trash.')).toBeVisible();
  await expect(home.getByText(/is not here any more/)).toHaveCount(0);
  await expect.poll(() => names(user)).toEqual(['b.md', 'notes']);
});

test('names are changed in tiles, and where there is little room', async ({home, user}) => {
  const tile = (name: string) => list(home).getByRole('gridcell', {name, exact: true});
  const hostile = '<img src=x onerror=window.ran=1> ' + 'ü'.repeat(40);
  await home.getByRole('button', {name: 'Show as tiles'}).click();
  await tile('b.md').focus();
  await home.keyboard.press('F2');
  await home.keyboard.type('c');
  await home.keyboard.press('Control+Shift+End'); // of the field, not of the tiles
  await home.keyboard.insertText('.bin');
  await home.keyboard.press('Enter');
  await expectFault(home, 'b.md', 'c.bin', taken);
  await expectAccessible(home);
  await home.getByLabel('New name for b.md').fill(hostile);
  await home.keyboard.press('Enter');
  await expect(tile(hostile)).toBeFocused();
  await home.setViewportSize({width: 360, height: 740});
  await tile('c.bin').click({button: 'right'});
  await home.getByRole('menuitem', {name: 'Rename'}).click();
  await home.getByLabel('New name for c.bin').dblclick(); // opens nothing
  await home.getByLabel('New name for c.bin').fill('.');
  await home.keyboard.press('Enter');
  await expectFault(home, 'c.bin', '.', /does not begin or end with a space, nor end with a dot/);
  expect(await home.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await home.keyboard.press('Escape');
  await expect(tile('c.bin')).toBeFocused();

  await home.getByRole('button', {name: 'Show as list'}).click();
  await row(home, hostile).focus();
  await home.keyboard.press('F2');
  await home.getByLabel(`New name for ${hostile}`).fill('c.bin');
  await home.keyboard.press('Enter');
  await expectFault(home, hostile, 'c.bin', taken);
  expect(await home.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await home.getByLabel(`New name for ${hostile}`).fill(`${hostile} & more`);
  await home.keyboard.press('Enter');
  await expect(row(home, `${hostile} & more`)).toBeFocused();
  await home.getByRole('button', {name: 'Undo'}).last().press('Enter');
  await expect(row(home, hostile)).toBeFocused();
  expect(await home.evaluate(() => 'ran' in window)).toBe(false);
  await expect.poll(() => names(user)).toEqual([hostile, 'c.bin', 'notes']);
});
