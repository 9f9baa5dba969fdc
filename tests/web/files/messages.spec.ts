// What is said of what was done, with its way back.
import type {Locator, Page} from '@playwright/test';
import {expect, expectAccessible, test} from '../support/test.ts';
import {messages, names, rename, row} from '../support/files.ts';

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
