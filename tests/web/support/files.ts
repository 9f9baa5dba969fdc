// The page of files, as its tests see it.
import {expect, type Page} from '@playwright/test';
import type {Api} from './test.ts';

/** A PNG of two by two pixels, all of one red. */
export const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR42mM4YSMHRAwQCgAibgSJSCiu' +
  'IAAAAABJRU5ErkJggg==', 'base64');

export const list = (page: Page) => page.getByRole('grid');
export const row = (page: Page, name: string) =>
  list(page).getByRole('row').filter({has: page.getByText(name, {exact: true})});
export const picked = (page: Page) => page.getByRole('toolbar', {name: 'With what is selected'});
export const messages = (page: Page) => page.getByRole('region', {name: 'Messages'});

export async function rename(page: Page, from: string, to: string): Promise<void> {
  await row(page, from).focus();
  await page.keyboard.press('F2');
  await page.getByLabel(`New name for ${from}`).fill(to);
  await page.keyboard.press('Enter');
  await expect(row(page, to)).toBeFocused();
}

export async function names(user: Api, folder = ''): Promise<string[]> {
  const path = folder ? `/dirs/${user.name}/${folder}` : `/dirs/${user.name}`;
  return (await user.get(path)).items.map((item: {name: string}) => item.name);
}

/** A folder with a file in it, and two files beside it. */
export async function putSome(user: Api): Promise<void> {
  await user.put('notes/a.txt', 'first');
  await user.put('b.md', '# Title');
  await user.put('c.bin', 'x');
}

/** Puts others of the same names into "notes", and goes to the first of the files. */
export async function takeNames(home: Page, user: Api): Promise<void> {
  await user.put('notes/b.md', 'another');
  await user.put('notes/c.bin', 'another');
  await home.reload();
  await row(home, 'b.md').focus();
}
