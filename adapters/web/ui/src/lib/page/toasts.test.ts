import {afterEach, beforeEach, expect, it, vi} from 'vitest';
import {toasts} from './toasts.svelte';

beforeEach(() => {
  vi.useFakeTimers();
  for (const {id} of toasts.all) toasts.hide(id);
});
afterEach(() => vi.useRealTimers());

it('a message of what was done goes after a while, one of a failure stays', () => {
  toasts.show('moved');
  toasts.show('refused', {kind: 'failed'});
  vi.advanceTimersByTime(10_000);
  expect(toasts.all.map(({text}) => text)).toEqual(['refused']);
});

it('a message stays while the pointer or the focus is on it', () => {
  toasts.show('moved');
  const [toast] = toasts.all;
  toasts.hold(toast!);
  vi.advanceTimersByTime(60_000);
  expect(toasts.all).toHaveLength(1);
  toasts.leave(toast!);
  vi.advanceTimersByTime(7_000);
  expect(toasts.all).toHaveLength(1);
  vi.advanceTimersByTime(2_000);
  expect(toasts.all).toHaveLength(0);
});

it('how far something is is told after a second, and each second, until it ends', () => {
  const texts = () => toasts.all.map(({text}) => text);
  const progress = toasts.progress();
  progress.tell('1 of 9');
  expect(texts()).toEqual([]);
  vi.advanceTimersByTime(1_500);
  progress.tell('2 of 9');
  progress.tell('3 of 9');
  toasts.show('done meanwhile');
  expect(texts()).toEqual(['2 of 9', 'done meanwhile']);
  vi.advanceTimersByTime(60_000);
  progress.tell('8 of 9');
  expect(texts()).toEqual(['8 of 9']);
  progress.end();
  expect(texts()).toEqual([]);
});

it('a way back goes when what it takes lies elsewhere', () => {
  const texts = () => toasts.all.map(({text}) => text);
  toasts.show('renamed', {at: ['/anna/letters/a.txt']});
  toasts.show('deleted', {at: ['4711']});
  toasts.show('copied');
  toasts.outdate('/anna/letters/a');
  expect(texts()).toEqual(['renamed', 'deleted', 'copied']);
  toasts.outdate('/anna/letters');
  expect(texts()).toEqual(['deleted', 'copied']);
  toasts.outdate('4711');
  expect(texts()).toEqual(['copied']);
});
