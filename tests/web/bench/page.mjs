// The page that the benchmarks begin with.
import {chromium} from '@playwright/test';

/** Chromium at `path`, once the administrator has logged in and `shown` is on the page. */
export async function openPage(url, path, shown, timeout = 120_000) {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu']
  });
  const page = await browser.newPage({viewport: {width: 1280, height: 800}});
  page.setDefaultTimeout(timeout);
  await page.goto(`${url}/login?next=${path}`);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password', {exact: true}).fill('correct horse battery');
  await page.keyboard.press('Enter');
  await page.locator(shown).waitFor();
  return page;
}
