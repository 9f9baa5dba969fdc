import {describe, expect, it} from 'vitest';
import {Selection} from './selection.svelte';

const make = () => new Selection(() => ['a', 'b', 'c', 'd', 'e']);
const keys = (selection: Selection) => [...selection.keys].sort().join('');

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
  it('drops what is gone', () => {
    const s = make();
    s.all();
    s.keep(new Set(['b']));
    expect(keys(s)).toBe('b');
    s.clear();
    expect(s.size).toBe(0);
  });
});
