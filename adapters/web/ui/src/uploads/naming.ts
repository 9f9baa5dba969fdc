// What the list of uploads calls files and folders.
import type {Bearer} from '../api/client';
import {nameOf} from '../lib/files/paths';
import {tn} from '../lib/language/i18n.svelte';

const kNamed = 3;

/** `a.txt, b.txt and 3 more`, of `count`; `album: a.txt, b.txt` of one folder. */
export function inShort(names: string[], count = names.length): string {
  const top = /^[^/]+\//.exec(names[0] ?? '')?.[0];
  const folder = top && names.every((name) => name.startsWith(top)) ? top : '';
  const some = names.slice(0, count > kNamed ? kNamed - 1 : kNamed);
  const text = some.map((name) => name.slice(folder.length)).join(', ');
  const all = folder ? `${folder.slice(0, -1)}: ${text}` : text;
  return count > some.length ? tn('uploads.names', count - some.length, {names: all}) : all;
}

/** Of a link the root is called as its page calls it. */
export function folderOf(path: string, {rootName}: Bearer): string {
  const isRoot = path.lastIndexOf('/') === 0;
  return isRoot && rootName ? rootName : nameOf(path);
}
