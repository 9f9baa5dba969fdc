import {describe, expect, it, vi} from 'vitest';
import type {FileInfo} from '../../api/client';
import {freeName, isWithin, nameFault} from '../../lib/files/paths';

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
  it('is by code points, as bytes of UTF-8 are, whatever a text is held as', async () => {
    const {byName} = await import('./listing.svelte');
    const names = ['', 'a', 'aa', 'b', '\ud7ff', '\ue000', '\uffff', '😀', '😀a', '😁', '🯰'];
    const bytes = (text: string) => Buffer.from(text);
    expect(names.toSorted(byName)).toEqual(names.toSorted((a, b) => bytes(a).compare(bytes(b))));
    for (const name of names) expect(byName(name, name)).toBe(0);
  });
  it('is by words where all of it is here: of a language, numbers by their value', () => {
    const named = (...names: string[]) => names.map((name) => ({name, kind: 'file'}) as FileInfo);
    const inOrder = (locale: string, ...names: string[]) =>
      named(...names).sort(compare('name', locale)).map(({name}) => name);
    expect(inOrder('en', 'Zebra', 'file10', 'apple', 'file2', 'File2'))
      .toEqual(['apple', 'File2', 'file2', 'file10', 'Zebra']);
    expect(inOrder('de', 'z', 'ö', 'o')).toEqual(['o', 'ö', 'z']);
    expect(inOrder('sv', 'ö', 'z', 'o')).toEqual(['o', 'z', 'ö']);
  });
});

describe('a folder that is asked for anew', async () => {
  const {renewed} = await import('./listing.svelte');
  const file = (name: string, size = 1) => ({name, path: `/a/${name}`, kind: 'file', size});
  const list = (...items: object[]) => items as FileInfo[];
  const names = (items: FileInfo[]) => items.map(({name}) => name).join('');

  it('has what is new, and lacks what is gone', () => {
    const shown = list(file('b'), file('c'), file('d'));
    expect(names(renewed(shown, list(file('a'), file('b'), file('d')), true, 'name'))).toBe('abd');
  });
  it('keeps what has not changed, and nothing else, as it is', () => {
    const shown = list(file('a'), file('b'));
    const items = renewed(shown, list(file('a'), file('b', 7)), true, 'name');
    expect(items[0]).toBe(shown[0]);
    expect(items[1]!.size).toBe(7);
  });
  it('keeps what lies below all that was asked for', () => {
    const shown = list(file('b'), file('c'), file('d'), file('e'));
    expect(names(renewed(shown, list(file('a'), file('c')), false, 'name'))).toBe('acde');
    // One that changed its place is there once.
    const bySize = list(file('x', 9), file('y', 5), file('z', 4));
    expect(names(renewed(bySize, list(file('z', 10), file('x', 9)), false, '-size'))).toBe('zxy');
  });
  it('is empty where nothing is there any more', () =>
    expect(renewed(list(file('a')), [], true, 'name')).toEqual([]));
});
