// Uploads a file in Chromium and downloads it again, and compares.
import {createHash} from 'node:crypto';
import {createReadStream, statSync} from 'node:fs';
import {openPage} from './page.mjs';

const [url, path] = process.argv.slice(2);
async function sha256(file) {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece);
  return hash.digest('hex');
}
const page = await openPage(url, '/files/admin', 'text=This folder is empty', 600_000);
const line = await page.context().newCDPSession(page);
async function heap() {
  await line.send('HeapProfiler.collectGarbage');
  return (await line.send('Runtime.getHeapUsage')).usedSize / 1048576;
}
const before = await heap();
const mib = statSync(path).size / 1048576;
const tell = (what, began) => {
  const seconds = (performance.now() - began) / 1000;
  console.log(`  ${what} ${mib} MiB in ${seconds.toFixed(1)} s: ` +
    `${(mib / seconds).toFixed(0)} MiB/s`);
};
let began = performance.now();
await page.locator('input[type=file][multiple]').setInputFiles(path);
await page.getByText('One file uploaded').waitFor();
tell('uploaded', began);
const wanted = await sha256(path);
await page.getByRole('checkbox', {name: 'Select large.bin'}).click();
await page.getByRole('button', {name: 'Details', exact: true}).click();
const stored = await page.getByRole('complementary').locator('code').innerText();
began = performance.now();
const waiting = page.waitForEvent('download');
await page.getByRole('button', {name: 'Download', exact: true}).click();
const there = await (await waiting).path();
tell('downloaded', began);
const came = await sha256(there);
const after = await heap();
console.log(`  the page's heap: ${before.toFixed(1)} MiB before, ${after.toFixed(1)} after`);
const isSame = stored.replace(/\s/g, '') === wanted && came === wanted;
console.log(isSame ? `  the same: ${wanted}` : `  NOT the same: ${wanted} ${stored} ${came}`);
await page.context().browser().close();
process.exit(isSame ? 0 : 1);
