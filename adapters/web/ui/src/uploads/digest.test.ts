import {expect, test} from 'vitest';
import {markOf, sha256Of} from './digest';

const kSize = 2 * 1024 * 1024;
const original = Uint8Array.from({length: kSize}, (_, i) => (i * 7) % 251);
const changedAt = (at: number) => {
  const bytes = original.slice();
  bytes[at]! ^= 1;
  return new Blob([bytes]);
};

test('SHA-256 is of the whole', async () => {
  expect(await sha256Of(new Blob(['abc'])))
    .toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(await sha256Of(changedAt(50_001))).not.toBe(await sha256Of(new Blob([original])));
});

test('a mark tells files apart by their first bytes, their last, and some between', async () => {
  const mark = await markOf(new Blob([original]));
  expect(await markOf(new Blob([original]))).toBe(mark);
  const step = Math.ceil(kSize / 256);
  for (const at of [0, 4095, step, 100 * step + 7, kSize - 1])
    expect(await markOf(changedAt(at)), String(at)).not.toBe(mark);
});

test('a mark costs the same however large a file is', async () => {
  let read = 0;
  const huge = {
    size: 2 ** 40,
    slice: (from: number, to = 0) => {
      read += to - from;
      return new Blob([new Uint8Array(8)]);
    }
  } as unknown as Blob;
  await markOf(huge);
  expect(read).toBeLessThan(2 * 1024 * 1024);
});
