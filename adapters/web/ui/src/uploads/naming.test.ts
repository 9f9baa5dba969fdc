import {expect, test} from 'vitest';
import type {Bearer} from '../api/client';
import {folderOf, inShort, pathOf, placesOf} from './naming';

const anna = {} as Bearer;
const link = {rootName: 'inbox'} as Bearer;
const of = (paths: string[], sender = anna) => paths.map((path) => ({path, sender}));

test('some names stand for many', () => {
  expect(inShort(['a'])).toBe('a');
  expect(inShort(['a', 'b', 'c'])).toBe('a, b, c');
  expect(inShort(['album/a', 'album/b/c'])).toBe('album: a, b/c');
  expect(inShort(['album/a', 'albums/b'])).toBe('album/a, albums/b');
  expect(inShort(['/a', 'b'])).toBe('/a, b');
});

test('a link has the name of what is shared', () => {
  expect([folderOf('/~', link), folderOf('/~/a', link), folderOf('/anna', anna)])
    .toEqual(['inbox', 'a', 'anna']);
  expect(of(['/~/a/b'], link).map(pathOf)).toEqual(['inbox/a/b']);
  expect(of(['/anna/b']).map(pathOf)).toEqual(['/anna/b']);
});

test('files of one name are told apart by their folders', () => {
  const paths = ['/anna/x/may/1', '/anna/x/june/1', '/anna/x/june/2', '/anna/x/may/1'];
  expect([...placesOf(of(paths))])
    .toEqual([['/anna/x/may/1', 'may'], ['/anna/x/june/1', 'june']]);
  expect([...placesOf(of(['/anna/a/x/1', '/anna/b/x/1'])).values()]).toEqual(['a/x', 'b/x']);
  // One in what has the other's folder in it.
  expect([...placesOf(of(['/anna/1', '/anna/b/1'])).values()]).toEqual(['anna', 'b']);
  expect([...placesOf(of(['/~/b/1', '/~/1'], link)).values()]).toEqual(['b', 'inbox']);
  expect(placesOf(of(['/anna/1', '/anna/1', '/anna/2'])).size).toBe(0);
});
