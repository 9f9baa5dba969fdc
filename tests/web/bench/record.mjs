// Opens the record of a long trail in Chromium: how soon its first rows and figures are painted,
// how soon a filter is answered, and what the tasks compute while it is scrolled.
import {openPage} from './page.mjs';

const [url, most] = [process.argv[2], Number(process.argv[3])];
const kFirst = 1500;
const kFilter = 300;
const page = await openPage(url, '/activity', 'main#content');
const browser = page.context().browser();
let isBad = false;

const quantile = (times, share) =>
  [...times].sort((a, b) => a - b)[Math.max(0, Math.ceil(times.length * share) - 1)];
function tell(what, times, limit) {
  const worst = quantile(times, 0.95);
  if (worst > limit) isBad = true;
  console.log(`  ${what}: median ${quantile(times, 0.5).toFixed(0)} ms, p95 ${worst.toFixed(0)} ` +
    `ms of ${times.length}; at most ${limit} wanted`);
}

/** Until what `selector` finds is painted, since the page's first byte was asked for. */
async function painted(path, selector) {
  await page.goto(url + path, {waitUntil: 'commit'});
  return page.evaluate((wanted) => new Promise((resolve) => {
    const look = () => {
      if (document.querySelector(wanted))
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
      else requestAnimationFrame(look);
    };
    look();
  }), selector);
}
const row = '[role=grid] [role=row] time, [role=grid] [data-index="0"]';
for (const [what, path, selector] of [
  ['events of a year, first rows', '/audit?from=2025-01-01T00:00:00Z', row],
  ['figures of a year', '/audit?view=figures&from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z',
    '.tiles b'],
  ['figures of a month', '/audit?view=figures&from=2025-06-01T00:00:00Z&to=2025-07-01T00:00:00Z',
    '.tiles b'],
  ['the hours of a year', '/audit?view=figures&from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z',
    '.wide:nth-last-child(2) figure'],
  ["a user's figures of a month",
    '/audit?view=figures&user=user77&from=2025-06-01T00:00:00Z&to=2025-07-01T00:00:00Z',
    '.tiles b'],
  ['report of access to a folder, of a month', '/audit/reports/access?path=%2Fuser60' +
    '&from=2025-06-01T00:00:00Z&to=2025-07-01T00:00:00Z', 'article'],
  ['report of what a user did in a year', '/audit/reports/person?user=user77' +
    '&from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'article'],
  ['report of failed sign-ins of a month', '/audit/reports/logins' +
    '?from=2025-06-01T00:00:00Z&to=2025-07-01T00:00:00Z', 'article'],
  ['report of who could see a folder on a day', '/audit/reports/seen?path=%2Fuser60%2Fshared' +
    '&from=2025-06-01T00:00:00Z&to=2025-06-02T00:00:00Z', 'article']
]) {
  const times = [];
  for (let i = 0; i < 8; ++i) times.push(await painted(path, selector));
  tell(what, times.slice(1), kFirst);
}

/** From a link that filters to the rows of its answer. */
async function filtered(query) {
  return page.evaluate(async (to) => {
    const grid = () => document.querySelector('[role=grid]');
    const before = grid()?.textContent;
    const link = Object.assign(document.createElement('a'), {href: to});
    document.body.append(link);
    const began = performance.now();
    link.click();
    link.remove();
    for (;;) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = grid();
      if (now && now.textContent !== before && now.querySelector('[data-index="0"] span'))
        return performance.now() - began;
      if (performance.now() - began > 60_000) throw new Error('no answer to ' + to);
    }
  }, '/audit?range=all&' + query);
}
const filters = [
  'action=download', 'user=user1', 'success=false', 'action=role_changed', 'event_type=SECURITY',
  'resource_prefix=%2Fuser60%2F', 'user=rare', 'event_type=DISK_MONITOR', 'action=move',
  'resource=%2Fuser1%2Fshared%2Fmanual.pdf', 'user=user77', 'resource_prefix=%2Frare%2F',
  'ip_address=192.0.2.7', 'user=user77&from=2025-06-01T00:00:00Z&to=2025-07-01T00:00:00Z',
  'event_type=FILE_ACCESS&from=2025-03-01T00:00:00Z', 'user=user60', 'action=upload',
  'user=user1&success=false', 'action=login_failed', 'resource_prefix=%2Fuser1%2F'
];
const times = [];
for (let round = 0; round < 3; ++round)
  for (const query of filters) {
    const took = await filtered(query);
    if (round > 0) times.push(took);
    if (took > kFilter) console.log(`    ${query}: ${took.toFixed(0)} ms`);
  }
tell('a filter, from the click to its rows', times, kFilter);

// Scrolling, as scrolling.mjs judges it: by what each task computes.
await page.goto(url + '/audit?range=all');
await page.locator('[role=grid] [data-index="0"] span').first().waitFor();
await browser.startTracing(page, {categories: ['toplevel', 'devtools.timeline',
  'disabled-by-default-devtools.timeline']});
const seen = await page.evaluate(async () => {
  let rows = 0;
  let last = 0;
  let begun = 0;
  const until = performance.now() + 600_000;
  // Browsers draw no list of a million: the rest is one button further.
  while (performance.now() < until && begun + last < 1_000_000) {
    // A list that begins anew is another.
    const grid = document.querySelector('[role=grid]');
    if (grid) grid.parentElement.scrollTop = grid.parentElement.scrollHeight;
    const goOn = document.querySelector('.foot button');
    if (goOn) {
      begun += last;
      last = 0;
      goOn.click();
      // The next list begins at its top: until then the rows are those of the one before.
      while (!document.querySelector('[role=grid] [data-index="0"]') ||
          document.querySelector('.foot button'))
        await new Promise((resolve) => requestAnimationFrame(resolve));
      continue;
    }
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const there = grid?.querySelectorAll('[role=row]') ?? [];
    rows = Math.max(rows, there.length);
    last = Number([...there].at(-1)?.dataset.index ?? last);
  }
  return {rows, sum: begun + last};
});
const {traceEvents} = JSON.parse((await browser.stopTracing()).toString());
const main = traceEvents.filter((event) =>
  event.name === 'thread_name' && event.args.name === 'CrRendererMain');
const tasks = traceEvents.filter(({name, pid, tid, tdur}) => /\bRunTask$/.test(name) &&
  tdur !== undefined && main.some((thread) => thread.pid === pid && thread.tid === tid))
  .map(({tdur}) => tdur / 1000);
const worst = tasks.reduce((most, task) => Math.max(most, task), 0);
console.log(`  scrolled through ${seen.sum} rows: at most ${seen.rows} rows there; the ` +
  `heaviest of ${tasks.length} tasks computed ${worst.toFixed(1)} ms, at most ${most} wanted`);
if (!(worst <= most) || seen.rows > 60 || seen.sum < 1_000_000) isBad = true;
await browser.close();
process.exit(isBad ? 1 : 0);
