// What a browser loads, in KiB of gzip: at first, to be ready for name and password, and in all.
//
//   node budget.mjs DIST
//
// Also: every compressed file is what it is of, and nothing in the page is inline.
import {readdirSync, readFileSync} from 'node:fs';
import {brotliDecompressSync, gunzipSync} from 'node:zlib';

const kFirst = 50;
const kAll = 220;
const dist = process.argv[2];
const faults = [];

const names = readdirSync(`${dist}/assets`).filter((name) => /\.(js|css)$/.test(name));
const size = (path) => readFileSync(`${dist}${path}.gz`).length || readFileSync(dist + path).length;
const read = (path) => readFileSync(dist + path, 'utf8');

for (const path of ['/index.html', '/icon.svg', ...names.map((name) => `/assets/${name}`)]) {
  const content = readFileSync(dist + path);
  for (const [ending, unpack] of [['gz', gunzipSync], ['br', brotliDecompressSync]]) {
    const coded = readFileSync(`${dist}${path}.${ending}`);
    if (coded.length > 0 && !unpack(coded).equals(content))
      faults.push(`${path}.${ending} is not of ${path}`);
  }
}

const page = read('/index.html');
if (/<script(?![^>]*\bsrc=)/.test(page) || /<style|style=|\bon\w+=/.test(page))
  faults.push('the page has something inline');

// What the page names and what that imports: the sign-in is among it, with its texts.
const first = new Set();
function load(path) {
  if (first.has(path)) return;
  first.add(path);
  if (!path.endsWith('.js')) return;
  for (const [, name] of read(path).matchAll(/(?:from|import)\s*"\.\/([\w.-]+)"/g))
    load(`/assets/${name}`);
}
for (const [, path] of page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) load(path);

const kib = (bytes) => Math.round((bytes / 1024) * 10) / 10;
const atFirst = kib(size('/index.html') + [...first].reduce((sum, path) => sum + size(path), 0));
const inAll = kib(names.reduce((sum, name) => sum + size(`/assets/${name}`), size('/index.html')));
console.log(`first load ${atFirst} KiB of ${kFirst}, all ${inAll} KiB of ${kAll}`);
if (![...first].some((path) => path.endsWith('.js') && read(path).includes('Enter your name.')))
  faults.push('the sign-in is not in the first load');
if (atFirst > kFirst) faults.push(`the first load has ${atFirst} KiB`);
if (inAll > kAll) faults.push(`all has ${inAll} KiB`);
for (const fault of faults) console.error(fault);
process.exit(faults.length ? 1 : 0);
