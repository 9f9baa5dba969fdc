import {expect, test, vi} from 'vitest';
import {kBlock, Prefix, sha256Of} from './digest';

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

/** Zeros. */
const large = (size: number) => {
  const part = new Blob([new Uint8Array(1024 * 1024)]);
  const whole = Math.floor(size / part.size);
  const parts = Array.from({length: whole}, () => part);
  return new Blob([...parts, new Uint8Array(size - whole * part.size)]);
};

async function prefixOf(file: Blob, end: number): Promise<Prefix> {
  const prefix = new Prefix(file);
  await prefix.reach(end);
  return prefix;
}

test('a beginning is known again by each of its bytes', async () => {
  const {digest, end} = await prefixOf(changedAt(0), 1);
  expect(end).toBe(kSize); // whole blocks, or all of it
  expect((await prefixOf(changedAt(0), 1)).digest).toBe(digest);
  for (const at of [1, 50_001, kSize - 1])
    expect((await prefixOf(changedAt(at), 1)).digest, String(at)).not.toBe(digest);
});

test('a beginning says nothing of what follows its last block', async () => {
  const zeros = large(2 * kBlock);
  const other = new Blob([zeros, 'x']);
  const begun = await prefixOf(zeros, kBlock + 1);
  expect(begun.end).toBe(2 * kBlock);
  expect((await prefixOf(other, kBlock + 1)).digest).toBe(begun.digest);
  expect((await prefixOf(other, 2 * kBlock + 1)).digest).not.toBe(begun.digest);
});

test('a beginning goes on where it is, and its blocks have an order', async () => {
  const file = new Blob([large(kBlock), 'x', large(kBlock)]);
  const swapped = new Blob(['x', large(kBlock - 1), large(kBlock), new Uint8Array(1)]);
  const prefix = await prefixOf(file, kBlock);
  await prefix.reach(file.size);
  expect(prefix.digest).toBe((await prefixOf(file, file.size)).digest);
  expect(prefix.digest).not.toBe((await prefixOf(swapped, file.size)).digest);
  await prefix.reach(1);
  expect(prefix.end).toBe(file.size);
});

test('without the hash of the browser a beginning is the same', async () => {
  const {digest} = await prefixOf(changedAt(5), kSize);
  vi.stubGlobal('crypto', {});
  try {
    expect((await prefixOf(changedAt(5), kSize)).digest).toBe(digest);
  } finally {
    vi.unstubAllGlobals();
  }
});
