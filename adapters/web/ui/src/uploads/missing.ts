// What of a pick or drop is missing at the server, as it is kept for the next page: of some
// thousand each file, of more how many there are of each name at the top.
import {isWithin, join} from '../lib/files/paths';
import type {Source} from './sources';

export interface Head {
  id: string;
  owner: string;
  folder: string;
  /** Of folders that were picked, not of files. */
  isFolder: boolean;
}

export interface Batch extends Head {
  /** Each file is a part of it, by its path below the folder; else each name at the top is. */
  isWhole: boolean;
  parts: [name: string, count: number][];
  /** How many are in no part. */
  rest: number;
}

export const kFiles = 2000;
const kTops = 200;

const keyOf = (path: string) => path.normalize('NFC');
const topOf = (path: string) => path.split('/', 1)[0]!;

function tally(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

const sumOf = (parts: Batch['parts']) => parts.reduce((sum, [, count]) => sum + count, 0);

/** Of the paths that are missing, in so many characters. */
export function batchOf(head: Head, missing: Set<string>, room: number): Batch {
  const paths = [...missing];
  const isWhole = paths.length <= kFiles &&
    paths.reduce((sum, path) => sum + path.length + 6, 0) <= room;
  const parts = [...tally(isWhole ? paths : paths.map(topOf))].slice(0, isWhole ? kFiles : kTops);
  return {...head, isWhole, parts, rest: paths.length - sumOf(parts)};
}

export function countOf({parts, rest}: Batch): number {
  return sumOf(parts) + rest;
}

/** What is asked for, and how many names that are. */
export function namesOf({parts, rest}: Batch): {names: string[]; count: number} {
  return {names: parts.map(([name]) => name), count: parts.length + rest};
}

/** Which of what was chosen are of the batch, and which are not. */
export function sift({isWhole, parts, rest}: Batch, files: Source[]): [Source[], Source[]] {
  const names = new Set(parts.map(([name]) => name));
  const isOf = ({path}: Source) =>
    rest > 0 || names.has(isWhole ? keyOf(path) : topOf(keyOf(path)));
  return [files.filter(isOf), files.filter((file) => !isOf(file))];
}

/** What is missing still once `paths` of `folder` are sent. */
export function without(batch: Batch, paths: string[], folder: string): Batch {
  const below = paths.map((path) => join(folder, path))
    .filter((path) => path.startsWith(batch.folder + '/'))
    .map((path) => keyOf(path.slice(batch.folder.length + 1)));
  if (below.length === 0) return batch;
  const taken = tally(batch.isWhole ? below : below.map(topOf));
  // A name at the top was chosen with all that is below it, but from within.
  const isAll = batch.isWhole || isWithin(batch.folder, folder);
  const parts: Batch['parts'] = [];
  for (const [name, count] of batch.parts) {
    const some = taken.get(name);
    taken.delete(name);
    if (!some) parts.push([name, count]);
    else if (!isAll) parts.push([name, Math.max(1, count - some)]);
  }
  return {...batch, parts, rest: Math.max(0, batch.rest - sumOf([...taken]))};
}

/** Those of one folder as one. */
export function merged(batches: Batch[]): Batch[] {
  const all: Batch[] = [];
  for (const batch of batches) {
    const at = all.findIndex((b) => b.folder === batch.folder && b.isFolder === batch.isFolder &&
      b.isWhole && batch.isWhole && b.parts.length + batch.parts.length <= kFiles);
    const {parts} = all[at] ?? batch;
    if (at < 0) all.push(batch);
    else all[at] = {...all[at]!, parts: [...new Map([...parts, ...batch.parts])]};
  }
  return all;
}

/** Of a text that was kept; undefined: it is none. */
export function parse(text: string | null): Batch | undefined {
  try {
    const batch = JSON.parse(text ?? '') as Batch;
    return Array.isArray(batch.parts) ? batch : undefined;
  } catch {
    return undefined;
  }
}
