// What the list of uploads calls files and folders.
import type {Bearer} from '../api/client';
import {nameOf, parentOf} from '../lib/files/paths';
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

interface Sent {
  path: string;
  sender: Bearer;
}

/** Of a link as its page has it. */
export function pathOf({path, sender: {rootName}}: Sent): string {
  return rootName ? path.replace(/^\/[^/]*/, () => rootName) : path;
}

/** Where those are whose names others have too, by path: below what all of one name are in. */
export function placesOf(all: Sent[]): Map<string, string> {
  const named = new Map<string, Map<string, Sent>>();
  for (const sent of all) {
    const name = nameOf(sent.path);
    const alike = named.get(name);
    if (alike) alike.set(sent.path, sent);
    else named.set(name, new Map([[sent.path, sent]]));
  }
  const places = new Map<string, string>();
  for (const alike of named.values()) {
    if (alike.size < 2) continue;
    const folders = [...alike.keys()].map((path) => parentOf(path).split('/'));
    const first = folders[0]!;
    const apart = first.findIndex((name, i) => folders.some((names) => names[i] !== name));
    const common = apart < 0 ? first.length : apart;
    [...alike.values()].forEach(({path, sender}, i) => {
      const below = folders[i]!.slice(common).join('/');
      places.set(path, below || folderOf(parentOf(path), sender));
    });
  }
  return places;
}
