import {expect, test} from 'vitest';
import {batchOf, countOf, kFiles, merged, namesOf, parse, sift, without} from './missing';
import type {Source} from './sources';

const head = {id: '1', owner: 'anna', folder: '/anna/in', isFolder: true};
const kRoom = 1_000_000;
const many = (top: string, count: number) =>
  Array.from({length: count}, (_, i) => `${top}/${i}.txt`);
const of = (paths: string[], room = kRoom) => batchOf(head, new Set(paths), room);
const sources = (paths: string[]) => paths.map((path) => ({path}) as Source);
const pathsOf = (files: Source[]) => files.map(({path}) => path);

test('each file that is missing is known', () => {
  const batch = of(['a/1', 'a/2', '__proto__']);
  expect(namesOf(batch)).toEqual({names: ['a/1', 'a/2', '__proto__'], count: 3});
  expect(sift(batch, sources(['a/1', 'a/3', '__proto__'])).map(pathsOf))
    .toEqual([['a/1', '__proto__'], ['a/3']]);
  expect(parse(JSON.stringify(batch))).toEqual(batch);
});

test('what is picked again is missing no more, from wherever', () => {
  const batch = of(['a/1', 'a/2', 'b']);
  const left = (paths: string[], folder: string) =>
    namesOf(without(batch, paths, folder)).names;
  expect(left(['a/1', 'x'], '/anna/in')).toEqual(['a/2', 'b']);
  expect(left(['2', 'b'], '/anna/in/a')).toEqual(['a/1', 'b']);
  expect(left(['in/b'], '/anna')).toEqual(['a/1', 'a/2']);
  expect(without(batch, ['a/1'], '/anna')).toBe(batch);
});

test('names are the same however they are composed', () => {
  const batch = of(['\u00e4.txt']);
  expect(sift(batch, sources(['a\u0308.txt']))[0].length).toBe(1);
  expect(countOf(without(batch, ['a\u0308.txt'], '/anna/in'))).toBe(0);
});

test('of very many only the names at the top are known, and how many are below', () => {
  const batch = of([...many('a', kFiles), ...many('b', 10), 'c']);
  expect(batch.isWhole).toBe(false);
  expect(batch.parts).toEqual([['a', kFiles], ['b', 10], ['c', 1]]);
  expect(sift(batch, sources(['a/new', 'd/1'])).map(pathsOf)).toEqual([['a/new'], ['d/1']]);
  expect(without(batch, many('a', 5), '/anna/in').parts).toEqual([['b', 10], ['c', 1]]);
  // From within not all of it was picked.
  expect(without(batch, ['1.txt', '2.txt'], '/anna/in/b').parts)
    .toEqual([['a', kFiles], ['b', 8], ['c', 1]]);
  expect(without(batch, many('new', 30), '/anna/in/b').parts)
    .toEqual([['a', kFiles], ['b', 1], ['c', 1]]);
  expect(of(many('a', 20), 100).parts).toEqual([['a', 20]]);
});

test('of too many names some are known, and any other is taken for one', () => {
  const batch = of(Array.from({length: 3000}, (_, i) => `${i}.txt`));
  expect(countOf(batch)).toBe(3000);
  expect(batch.parts.length).toBeLessThan(kFiles);
  expect(namesOf(batch).count).toBe(3000);
  expect(sift(batch, sources(['2999.txt'])).map(pathsOf)).toEqual([['2999.txt'], []]);
  expect(countOf(without(batch, ['0.txt', '2999.txt'], '/anna/in'))).toBe(2998);
});

test('batches of one folder are one, where each file is known', () => {
  const loose = {...of(['x']), isFolder: false};
  const large = of(many('a', kFiles + 1));
  const all = merged([of(['a/1']), loose, of(['a/1', 'a/2']), large]);
  expect(all.map(({parts}) => parts)).toEqual([[['a/1', 1], ['a/2', 1]], [['x', 1]], large.parts]);
});

test('what is kept and is no batch is left out', () => {
  for (const text of [null, '', '[]', '{}', 'null', '{"parts":1}'])
    expect(parse(text)).toBeUndefined();
});
