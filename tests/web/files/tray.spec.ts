// The tray of uploads: what is pressed in it while they run.
import {randomBytes} from 'node:crypto';
import type {Page} from '@playwright/test';
import {expect, expectAccessible, test} from '../support/test.ts';

const tray = (page: Page) => page.getByRole('region', {name: 'Uploads'});
const files = (page: Page) => page.locator('input[type=file][multiple]');
const big = {name: 'big.bin', mimeType: 'x/y', buffer: randomBytes(20 * 1024 * 1024)};

/** A line on which one piece takes a minute. */
async function slow(page: Page): Promise<void> {
  const line = await page.context().newCDPSession(page);
  await line.send('Network.enable');
  await line.send('Network.emulateNetworkConditions', {
    offline: false, latency: 5, downloadThroughput: -1, uploadThroughput: 256 * 1024
  });
}

/** Bytes of a piece are under way. */
const isSending = (page: Page) =>
  expect(tray(page).getByRole('listitem').getByText(/^[1-9].* of 20 MiB · .*\/s/)).toBeVisible();

test('what is ended while a piece is under way is gone at the server, or said not to be', async ({
  home, user, watch
}) => {
  watch.allow(/status of (409|503)/);
  await slow(home);
  let mayEnd = false;
  await home.route('**/api/v1/uploads/*', (route) =>
    route.request().method() === 'DELETE' && !mayEnd ? route.fulfill({status: 503})
                                                     : route.fallback());
  await files(home).setInputFiles([big]);
  await isSending(home);
  expect((await user.get('/uploads')).items.length).toBe(1);
  const end = async () => {
    await tray(home).getByRole('button', {name: 'Cancel big.bin'}).click();
    await home.getByRole('dialog').getByRole('button', {name: 'End upload'}).click();
  };
  await end();
  await expect(tray(home).getByText(/^Could not be ended/)).toBeVisible();
  await expectAccessible(home);
  await tray(home).getByRole('button', {name: 'Go on with big.bin'}).click();
  await expect(tray(home).getByRole('button', {name: 'Pause big.bin'})).toBeVisible();
  await isSending(home);
  mayEnd = true;
  await end();
  await expect(tray(home)).toBeHidden();
  expect((await user.get('/uploads')).items).toEqual([]);
});
