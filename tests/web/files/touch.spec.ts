// With fingers, on a telephone.
import type {Locator, Page} from '@playwright/test';
import {list, picked, putSome, row} from '../support/files.ts';
import {expect, expectAccessible, test} from '../support/test.ts';

test.use({hasTouch: true, isMobile: true, viewport: {width: 360, height: 740}});

const tile = (page: Page, name: string) => list(page).getByRole('gridcell').filter({hasText: name});

/** A finger that stays, at the middle. */
async function hold(page: Page, target: Locator): Promise<void> {
  const box = (await target.boundingBox())!;
  const touchPoints = [{x: box.x + box.width / 2, y: box.y + box.height / 2}];
  const line = await page.context().newCDPSession(page);
  await line.send('Input.dispatchTouchEvent', {type: 'touchStart', touchPoints});
  await page.waitForTimeout(700);
  await line.send('Input.dispatchTouchEvent', {type: 'touchEnd', touchPoints: []});
  await line.detach();
}

test.beforeEach(async ({user}) => putSome(user));

test('a tap opens, a long one selects, and then each tap does', async ({home, user}) => {
  await expect(row(home, 'b.md').getByText(/^7 B · \d\d:\d\d$/)).toBeVisible();
  await row(home, 'notes').tap();
  await expect(row(home, 'a.txt')).toBeVisible();
  await home.getByRole('link', {name: 'My files'}).tap();
  await row(home, 'b.md').tap();
  await expect(home.getByRole('dialog').getByText('# Title')).toBeVisible();
  await home.getByRole('button', {name: 'Close'}).tap();
  await expect(picked(home)).toBeHidden();

  await hold(home, row(home, 'b.md'));
  await expect(picked(home).getByText('One selected')).toBeVisible();
  await row(home, 'notes').getByRole('link', {name: 'notes'}).tap(); // it does not open now
  await expect(picked(home).getByText('2 selected')).toBeVisible();
  await row(home, 'c.bin').tap();
  await row(home, 'notes').tap();
  await expect(picked(home).getByText('2 selected')).toBeVisible();
  await expect(row(home, 'notes')).toHaveAttribute('aria-selected', 'false');
  await expectAccessible(home);
  await picked(home).getByRole('button', {name: 'Actions'}).tap();
  await home.getByRole('menuitem', {name: 'Delete'}).tap();
  await expect(home.getByText('2 entries moved to the trash.')).toBeVisible();
  await home.getByRole('button', {name: 'Undo'}).tap();
  await expect(row(home, 'b.md')).toBeVisible();
  await home.getByRole('checkbox', {name: 'Select c.bin'}).tap();
  await expect(picked(home).getByText('One selected')).toBeVisible();
  await picked(home).getByRole('button', {name: 'Clear selection'}).tap();
  await expect(picked(home)).toBeHidden();
  expect((await user.get('/trash')).items).toEqual([]);
});

test('tiles open by a tap, and are selected by a long one', async ({home}) => {
  await home.getByRole('button', {name: 'Show as tiles'}).tap();
  await hold(home, tile(home, 'c.bin'));
  await tile(home, 'b.md').tap();
  await expect(picked(home).getByText('2 selected')).toBeVisible();
  await picked(home).getByRole('button', {name: 'Clear selection'}).tap();
  await tile(home, 'notes').tap();
  await expect(tile(home, 'a.txt')).toBeVisible();
});

test('all is within the window, and large enough for a finger', async ({home}) => {
  await hold(home, row(home, 'b.md'));
  const out = await home.evaluate(() => {
    const faults: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) faults.push('the page is too wide');
    for (const element of document.querySelectorAll('main button, main a, header button')) {
      const box = element.getBoundingClientRect();
      if (box.width === 0) continue;
      const name = element.getAttribute('aria-label') ?? element.textContent;
      if (box.right > innerWidth + 1 || box.left < -1) faults.push(`${name}: outside`);
      if (Math.min(box.width, box.height) < 24) faults.push(`${name}: too small`);
    }
    return faults;
  });
  expect(out).toEqual([]);
  for (const size of [{width: 320, height: 640}, {width: 740, height: 360}]) {
    await home.setViewportSize(size);
    expect(await home.evaluate(() => document.documentElement.scrollWidth - innerWidth))
      .toBeLessThanOrEqual(0);
  }
});
