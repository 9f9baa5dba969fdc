import {describe, expect, it, vi} from 'vitest';
import type {FileInfo} from '../../api/client';
import {freeName, isWithin, nameFault} from '../../lib/paths';

describe('names', () => {
  it('beside one that is taken', () => {
    const taken = new Set(['a (2).txt', '.profile (2)']);
    expect(freeName('a.txt', (n) => taken.has(n))).toBe('a (3).txt');
    expect(freeName('.profile', (n) => taken.has(n))).toBe('.profile (3)');
    expect(freeName('no ending', () => false)).toBe('no ending (2)');
  });
  it.each([
    ['', 'empty'], ['a/b', 'character'], ['a\\b', 'character'], ['a\u202eb', 'character'],
    [' a', 'edge'], ['a.', 'edge'], ['..', 'edge'], ['ä'.repeat(128), 'long'], ['a b', undefined],
    ['<script>', undefined], ['.hidden', undefined]
  ])('%j', (name, fault) => expect(nameFault(name)).toBe(fault));
  it('a folder is within itself, one that begins like it is not', () => {
    expect(isWithin('/a/b', '/a')).toBe(true);
    expect(isWithin('/a', '/a')).toBe(true);
    expect(isWithin('/ab', '/a')).toBe(false);
  });
});

describe('a sorted folder', async () => {
  vi.stubGlobal('location', {origin: 'http://localhost', pathname: '/', search: '', hash: ''});
  const {compare} = await import('./listing.svelte');
  const items = [
    {name: 'b', kind: 'file', size: 3}, {name: 'z', kind: 'directory', size: 0},
    {name: 'a', kind: 'file', size: 9}, {name: 'Ä', kind: 'file', size: 3}
  ] as FileInfo[];
  const sorted = (sort?: 'name' | '-name' | '-size') =>
    items.toSorted(compare(sort)).map((item) => item.name).join('');
  it('is by bytes, folders first where a sort is chosen', () => {
    expect(sorted()).toBe('abzÄ');
    expect(sorted('name')).toBe('zabÄ');
    expect(sorted('-name')).toBe('zÄba');
    expect(sorted('-size')).toBe('zabÄ');
  });
});
