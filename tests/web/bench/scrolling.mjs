// Scrolls a long directory in Chromium, and prints what the browser says of it.
import {openPage} from './page.mjs';

const [url, entries, most] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const page = await openPage(url, '/files/admin/long', 'text=picture number 10000001.jpeg');
const browser = page.context().browser();

// How long a task took by the clock, which other work on the machine makes longer; and what the
// page's thread computed, which it does not.
const browserSide = await page.context().newCDPSession(page);
await browserSide.send('Performance.enable', {timeDomain: 'threadTicks'});
const computed = async () => {
  const {metrics} = await browserSide.send('Performance.getMetrics');
  return metrics.find((metric) => metric.name === 'TaskDuration').value * 1000;
};
await page.evaluate(() => {
  window.tasks = [];
  new PerformanceObserver((list) =>
    window.tasks.push(...list.getEntries().map((entry) => entry.duration))
  ).observe({type: 'longtask'});
});

/** What each task of the page's thread computed, ms: other work on the machine does not count. */
function tasksOf(trace) {
  const {traceEvents} = JSON.parse(trace);
  const main = traceEvents.filter((event) =>
    event.name === 'thread_name' && event.args.name === 'CrRendererMain');
  return traceEvents
    .filter(({name, pid, tid, tdur}) => /\bRunTask$/.test(name) && tdur !== undefined &&
      main.some((thread) => thread.pid === pid && thread.tid === tid))
    .map(({tdur}) => tdur / 1000);
}

/** Scrolls, once a frame, in one of the ways. */
async function scroll(how) {
  await browser.startTracing(page, {categories: ['toplevel', 'devtools.timeline',
    'disabled-by-default-devtools.timeline']});
  const before = await computed();
  const result = await page.evaluate(async ([way, count]) => {
    const grid = document.querySelector('[role=grid]');
    const scroller = grid.parentElement;
    const ways = {
      'to the last of all pages': () => {
        scroller.scrollTop = scroller.scrollHeight;
        return !grid.querySelector(`[data-index="${count - 1}"]`);
      },
      'by steps': (frame) => {
        scroller.scrollTop -= 400;
        return frame < 600;
      },
      'by jumps': (frame) => {
        scroller.scrollTop = (scroller.scrollHeight * ((frame * 7919) % 200)) / 200;
        return frame < 200;
      }
    };
    const began = performance.now();
    let rows = 0;
    let frames = 0;
    while (ways[way](frames)) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      frames += 1;
      rows = Math.max(rows, grid.querySelectorAll('[role=row]').length);
    }
    await new Promise((resolve) => setTimeout(resolve, 200)); // the observer tells late
    return {rows, frames, seconds: (performance.now() - began) / 1000,
            tasks: window.tasks.splice(0)};
  }, [how, entries]);
  const each = ((await computed()) - before) / result.frames;
  const {tasks, rows, frames, seconds} = result;
  const heavy = tasksOf((await browser.stopTracing()).toString());
  const worst = Math.max(...heavy);
  const long = tasks.length ? `, longest ${Math.max(...tasks)} ms` : '';
  console.log(`  ${how}: ${seconds.toFixed(1)} s, ${frames} frames, ${each.toFixed(1)} ms ` +
    `computed for each; the heaviest of ${heavy.length} tasks computed ${worst.toFixed(1)} ms; ` +
    `by the clock ${tasks.length} took over 50 ms${long}; at most ${rows} rows there`);
  return !(worst <= most) || rows > 60;
}

const faults = [];
for (const how of ['to the last of all pages', 'by steps', 'by jumps'])
  faults.push(await scroll(how));
await browser.close();
process.exit(faults.includes(true) ? 1 : 0);
