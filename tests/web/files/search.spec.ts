import type {Page} from '@playwright/test';
import {expect, expectAccessible, makeUser, test} from '../support/test.ts';

const grid = (page: Page) => page.getByRole('grid', {name: 'What was found'});
const row = (page: Page, name: string) =>
  grid(page).getByRole('row').filter({has: page.getByText(name, {exact: true})});
const field = (page: Page) => page.getByRole('searchbox', {name: 'Find files and folders'});

test.beforeEach(async ({user}) => {
  await user.put('Reports/2025/Annual report.pdf', 'x');
  await user.put('Reports/annual figures.csv', 'xy');
  await user.put('Résumé.txt', 'my life');
  await user.folder('Annual');
});

test('files and folders are found by words of their names, from any page', async ({home, user}) => {
  await home.goto('/activity');
  await field(home).click();
  await home.keyboard.type('ANNUAL');
  await home.keyboard.press('Enter');
  await expect(home).toHaveURL(/\/search\?q=ANNUAL$/);
  await expect(home.getByRole('heading', {name: 'Found for “ANNUAL”'})).toBeVisible();
  await expect(grid(home).getByRole('row')).toHaveCount(4);
  const folder = row(home, 'Annual report.pdf').getByRole('link');
  await expect(folder).toHaveText(`/${user.name}/Reports/2025`);
  await expectAccessible(home);
  await field(home).fill('report annual');
  await field(home).press('Enter');
  await expect(grid(home).getByRole('row')).toHaveCount(2);
  await home.goBack();
  await expect(field(home)).toHaveValue('ANNUAL');
  await field(home).fill('resume');
  await field(home).press('Enter');
  await expect(row(home, 'Résumé.txt')).toBeVisible();
});

test('what is found opens, by mouse and by keyboard, and leads to its folder', async ({
  home, user
}) => {
  await home.goto('/search?q=sum');
  await row(home, 'Résumé.txt').getByRole('button', {name: 'Résumé.txt'}).first().click();
  await expect(home.getByRole('dialog').getByText('my life')).toBeVisible();
  await home.keyboard.press('Escape');
  await expect(row(home, 'Résumé.txt')).toBeFocused();
  await home.keyboard.press('Enter');
  await expect(home.getByRole('dialog').getByText('my life')).toBeVisible();
  await home.keyboard.press('Escape');
  const waiting = home.waitForEvent('download');
  await row(home, 'Résumé.txt').getByRole('button', {name: 'Actions'}).click();
  await home.getByRole('menuitem', {name: 'Download'}).click();
  expect((await waiting).suggestedFilename()).toBe('Résumé.txt');
  await home.goto('/search?q=figures');
  await row(home, 'annual figures.csv').focus();
  await home.keyboard.press('ArrowRight');
  await home.keyboard.press('ArrowRight');
  await home.keyboard.press('Enter');
  await expect(home).toHaveURL(new RegExp(`/files/${user.name}/Reports$`));
});

test('a search is narrowed by place, kind and time', async ({home, user}) => {
  await home.goto(`/files/${user.name}/Reports`);
  await field(home).fill('annual');
  await field(home).press('Enter');
  await expect(grid(home).getByRole('row')).toHaveCount(4);
  await home.getByLabel('Where').selectOption({label: 'In Reports'});
  await expect(grid(home).getByRole('row')).toHaveCount(3);
  await home.getByLabel('Where').selectOption({label: 'Everywhere'});
  await home.getByLabel('Kind').selectOption({label: 'Folders'});
  await expect(grid(home).getByRole('row')).toHaveCount(2);
  await home.reload();
  await expect(home.getByLabel('Kind')).toHaveValue('directory');
  await home.getByLabel('Changed').selectOption({label: 'In the last 7 days'});
  await expect(row(home, 'Annual')).toBeVisible();
  await expectAccessible(home);
});

test('what others share is found, what they do not is not', async ({home, user, admin, server}) => {
  const other = await makeUser(admin, server);
  await other.put('open/treasure map.txt', 'x');
  await other.put('closed/treasure.txt', 'x');
  await other.json('PUT', '/grants', {
    path: `/${other.name}/open`, grantee: user.name, rights: ['read']
  });
  await home.goto('/search?q=treasure');
  await expect(row(home, 'treasure map.txt')).toBeVisible();
  await expect(grid(home).getByRole('row')).toHaveCount(2);
});

test('a search that finds nothing, has no words, or fails says so', async ({home, watch}) => {
  watch.allow(/status of 500/);
  await home.goto('/search?q=nothing+of+the+kind');
  await expect(home.getByText('Nothing has such a name')).toBeVisible();
  await expectAccessible(home);
  await home.goto('/search?q=...');
  await expect(home.getByText('What are you looking for?')).toBeVisible();
  await expectAccessible(home);
  await home.route('**/api/v1/search?*', (route) => route.fulfill({
    status: 500, contentType: 'application/problem+json',
    body: JSON.stringify({status: 500, code: 'internal', title: 'x', request_id: 'r-1'})
  }));
  await home.goto('/search?q=annual');
  await expect(home.getByText('Request r-1')).toBeVisible();
  await home.unroute('**/api/v1/search?*');
  await home.getByRole('button', {name: 'Try again'}).click();
  await expect(row(home, 'Annual')).toBeVisible();
});
