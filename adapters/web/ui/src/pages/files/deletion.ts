// Deleting: into the trash, with a way back.
import type {FileInfo} from '../../api/client';
import {newestTrashed, type Trashed, trashedSince} from '../../lib/trash';
import {removeAll} from './actions';

/** Whether the server keeps a trash, which nothing but a deletion tells. */
let keeps: boolean | undefined;

export function keepsTrash(): boolean | undefined {
  return keeps;
}

/** Their entries in the trash; undefined where they are not there: where it keeps none, they go for
 *  good. What fails ends it, and is `failed`; what was done before stays done. */
export async function remove(
  items: FileInfo[], done: (item: FileInfo) => void, failed: (error: unknown) => void
): Promise<Trashed[] | undefined> {
  const gone: string[] = [];
  let since = '';
  const forGood = keeps === false;
  try {
    since = forGood ? '' : await newestTrashed();
    await removeAll(items, forGood, (item) => {
      gone.push(item.path);
      done(item);
    });
  } catch (error) {
    failed(error);
    if (gone.length === 0) return undefined;
  }
  if (forGood) return undefined;
  try {
    const entries = await trashedSince(since, gone);
    keeps = entries !== undefined;
    return entries;
  } catch {
    return undefined; // they are gone from here; the trash will tell
  }
}
