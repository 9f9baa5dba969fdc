// Plays a file as browsers do, with the fetch that is theirs: asks from the start, stops when it
// has enough, jumps to the end for the index and then about, each time for what is left and only if
// the file is still the same. Once it is not, the whole new one comes.
//   node range.mjs URL TOKEN CONTENT
import { readFileSync } from 'node:fs';
import { strict as assert } from 'node:assert';

const [url, token, contentFile] = process.argv.slice(2);
const content = readFileSync(contentFile);
const headers = { Authorization: `Bearer ${token}` };

const read = async (range, enough, more = {}) => {
  const stop = new AbortController();
  const response = await fetch(url,
    { headers: { ...headers, Range: range, ...more }, signal: stop.signal });
  const parts = [];
  let size = 0;
  for await (const part of response.body) {
    parts.push(part);
    size += part.length;
    if (size >= enough) break;
  }
  stop.abort();
  return { response, bytes: Buffer.concat(parts) };
};

const start = await read('bytes=0-', 50_000);
assert.equal(start.response.status, 206);
assert.equal(start.response.headers.get('content-range'),
  `bytes 0-${content.length - 1}/${content.length}`);
assert.equal(start.response.headers.get('accept-ranges'), 'bytes');
const tag = start.response.headers.get('etag');
assert.ok(start.bytes.equals(content.subarray(0, start.bytes.length)));

const end = await read('bytes=-4096', Infinity, { 'If-Range': tag });
assert.equal(end.response.status, 206);
assert.ok(end.bytes.equals(content.subarray(-4096)));
for (let i = 1; i < 20; ++i) {
  const first = Math.floor((content.length * i * 7919) % content.length);
  const part = await read(`bytes=${first}-`, 30_000, { 'If-Range': tag });
  assert.equal(part.response.status, 206);
  assert.ok(part.bytes.equals(content.subarray(first, first + part.bytes.length)));
}

const put = await fetch(`${url}?overwrite=true`, { method: 'PUT', headers, body: 'another film' });
assert.equal(put.status, 200);
const changed = await read('bytes=100-', Infinity, { 'If-Range': tag });
assert.equal(changed.response.status, 200);
assert.equal(changed.bytes.toString(), 'another film');
const again = await fetch(url,
  { headers: { ...headers, 'If-None-Match': changed.response.headers.get('etag') } });
assert.equal(again.status, 304);
