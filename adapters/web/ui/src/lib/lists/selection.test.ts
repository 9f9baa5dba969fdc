import {describe, expect, it} from 'vitest';
import {toasts} from '../page/toasts.svelte';
import {Selection} from './selection.svelte';

const make = () => new Selection(() => ['a', 'b', 'c', 'd', 'e']);
const keys = (selection: Selection) => [...selection.keys].sort().join('');

/** Six that come one by one; the line is lost after so many pages. */
function paged(pages: number) {
  const items = ['a'];
  const list = {
    more: true,
    async next() {
      await Promise.resolve();
      if (pages-- > 0) items.push(String.fromCharCode(97 + items.length));
      list.more = items.length < 6;
    }
  };
  return {list, s: new Selection(() => items, list)};
}

describe('a selection', () => {
  it('is what was clicked last', () => {
    const s = make();
    s.pick('b');
    s.pick('d');
    expect(keys(s)).toBe('d');
  });
  it('grows and shrinks with Ctrl', () => {
    const s = make();
    s.pick('b');
    s.pick('d', {ctrl: true});
    expect(keys(s)).toBe('bd');
    s.pick('b', {ctrl: true});
    expect(keys(s)).toBe('d');
  });
  it('reaches from the anchor with Shift, and forgets the range before', () => {
    const s = make();
    s.pick('b');
    s.pick('d', {shift: true});
    expect(keys(s)).toBe('bcd');
    s.pick('a', {shift: true});
    expect(keys(s)).toBe('ab');
  });
  it('keeps what was chosen before the range', () => {
    const s = make();
    s.pick('a');
    s.pick('c', {ctrl: true});
    s.pick('d', {shift: true});
    expect(keys(s)).toBe('acd');
  });
  it('brings what has not come yet before all are chosen', async () => {
    const {list, s} = paged(5);
    const chosen = s.all();
    expect(s.size).toBe(0);
    await chosen;
    expect(keys(s)).toBe('abcdef');
    expect(list.more).toBe(false);
  });
  it('chooses nothing where not all come, or another choice was made meanwhile', async () => {
    const {s} = paged(2);
    await s.all();
    expect(s.size).toBe(0);
    const other = paged(5).s;
    const chosen = other.all();
    other.pick('a');
    await chosen;
    expect(keys(other)).toBe('a');
  });
  it('says so where there are more than can be chosen at once', async () => {
    const many = Array.from({length: 100_000}, (_, i) => String(i));
    const s = new Selection(() => many, {more: true, next: async () => undefined});
    await s.all();
    expect(s.size).toBe(100_000);
    expect(toasts.all.map(({kind}) => kind)).toEqual(['failed']);
  });
  it('drops what is gone', async () => {
    const s = make();
    await s.all();
    s.keep(new Set(['b']));
    expect(keys(s)).toBe('b');
    s.clear();
    expect(s.size).toBe(0);
  });
});
