// Uses the web application for long, and on a slow machine.
import {openPage} from './page.mjs';

const [url, rounds, most] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const page = await openPage(url, '/files/admin', 'text=long');
const browser = page.context().browser();
const line = await page.context().newCDPSession(page);
await line.send('Performance.enable');
let isBad = false;

/** What the page holds on to. */
async function held() {
  for (let i = 0; i < 3; ++i) await line.send('HeapProfiler.collectGarbage');
  const {metrics} = await line.send('Performance.getMetrics');
  const of = (name) => metrics.find((metric) => metric.name === name).value;
  return {MiB: of('JSHeapUsedSize') / 1048576, nodes: of('Nodes'),
          listeners: of('JSEventListeners')};
}

/** Does it `count` times; what is held may not have grown since the first tenth. */
async function repeat(what, count, one) {
  for (let i = 0; i < count / 10; ++i) await one(i);
  const first = await held();
  for (let i = count / 10; i < count; ++i) await one(i);
  const last = await held();
  const told = Object.keys(first).map((name) => {
    if (last[name] > first[name] * 1.25) isBad = true;
    return `${name} ${first[name].toFixed(1)} to ${last[name].toFixed(1)}`;
  });
  console.log(`  ${what}: ${told.join(', ')}`);
}

const go = async (path, text) => {
  await page.evaluate((to) => {
    const link = Object.assign(document.createElement('a'), {href: to});
    document.body.append(link);
    link.click();
    link.remove();
  }, path);
  await page.getByRole('heading', {level: 1, name: text}).waitFor({state: 'attached'});
};
const pages = [['/files/admin', 'Files'], ['/trash', 'Trash'], ['/shared', 'Shared'],
               ['/activity', 'Activity'], ['/search?q=picture', 'Found']];
await repeat(`${rounds} navigations`, rounds, (i) => go(...pages[i % pages.length]));

await repeat('20,000 rows scrolled, 10 times', 10, async () => {
  await go('/files/admin/long', 'Files');
  await page.getByText('picture number 10000001.jpeg').waitFor();
  await page.evaluate(async () => {
    const scroller = document.querySelector('[role=grid]').parentElement;
    while (!scroller.querySelector('[data-index="19999"]')) {
      scroller.scrollTop = scroller.scrollHeight;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });
  await go('/trash', 'Trash');
});

await go('/files/admin/up', 'Files');
await repeat('50 files uploaded, 20 times', 20, async (round) => {
  const files = Array.from({length: 50}, (_, i) =>
    ({name: `${round % 2} ${i}.txt`, mimeType: 'text/plain', buffer: Buffer.alloc(20_000, 'x')}));
  await page.locator('input[type=file][multiple]').setInputFiles(files);
  if (round > 1) {
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('checkbox').check();
    await dialog.getByRole('button', {name: 'Replace'}).click();
  }
  await page.getByText('50 files uploaded').waitFor();
  await page.getByRole('button', {name: 'Close the list of uploads'}).click();
});
await page.close();

// As Lighthouse has them.
const slow = await (await browser.newContext({viewport: {width: 360, height: 740}})).newPage();
const far = await slow.context().newCDPSession(slow);
await far.send('Network.enable');
await far.send('Network.emulateNetworkConditions', {
  offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8
});
await far.send('Emulation.setCPUThrottlingRate', {rate: 4});
// By its own clock: asked from here, every half a second, it would seem up to that much later.
await slow.addInitScript(() => {
  addEventListener('focusin', () => (window.readyAt ??= performance.now()));
});
await slow.goto(`${url}/login?next=/files/admin/long`, {waitUntil: 'commit'});
await slow.locator('input:focus').waitFor();
const ready = await slow.evaluate(() => window.readyAt);
await slow.getByLabel('Name').fill('admin');
await slow.getByLabel('Password', {exact: true}).fill('correct horse battery');
let began = performance.now();
await slow.keyboard.press('Enter');
await slow.getByText('picture number 10000001.jpeg').waitFor();
const listed = performance.now() - began;
began = performance.now();
await slow.reload({waitUntil: 'commit'});
await slow.getByText('picture number 10000001.jpeg').waitFor();
console.log(`  4 times slower, slow 4G: ready for input after ${ready.toFixed(0)} ms; signed in ` +
  `and a list of 20,000 there after ${listed.toFixed(0)} ms; again, loaded anew, after ` +
  `${(performance.now() - began).toFixed(0)} ms`);
if (ready > most) isBad = true;
await browser.close();
process.exit(isBad ? 1 : 0);
