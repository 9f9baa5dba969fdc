import {expect, test} from 'vitest';
import {isJump, linesInView} from './virtual.svelte';

const indexes = (...args: Parameters<typeof linesInView>) =>
  linesInView(...args).map(({index}) => index);

test('what is in view is there, and some around', () => {
  const lines = indexes({count: 1_000_000, size: 38, above: 38}, 38_000, 400);
  expect(lines[0]).toBe(994);
  expect(lines.at(-1)).toBe(1015);
  expect(linesInView({count: 9, size: 10}, 0, 1000)[8]).toEqual({index: 8, start: 80});
});

test('the line with the focus stays, in its order', () => {
  expect(indexes({count: 100, size: 10, pinned: 2}, 500, 20).slice(0, 2)).toEqual([2, 44]);
  expect(indexes({count: 100, size: 10, pinned: 99}, 0, 20).at(-1)).toBe(99);
  expect(indexes({count: 100, size: 10, pinned: 51}, 500, 20)).toHaveLength(15);
  expect(indexes({count: 5, size: 10, pinned: 7}, 0, 20)).toEqual([0, 1, 2, 3, 4]);
  expect(indexes({count: 0, size: 10, pinned: 0}, 0, 20)).toEqual([]);
});

test('where one has jumped, what is in view is there first', () => {
  const shape = {count: 100_000, size: 38};
  const before = linesInView(shape, 0, 380);
  expect(isJump(linesInView(shape, 380, 380), before)).toBe(false);
  expect(isJump(linesInView(shape, 38_000, 380), before)).toBe(true);
  expect(indexes(shape, 38_000, 380, 0)).toEqual(Array.from({length: 11}, (_, i) => 1000 + i));
});
