// What was deleted and can be brought back.
import {api, ask, type FileInfo, type Schemas} from '../../api/client';
import {Resolver} from './conflicts.svelte';
import {Existing} from './existing';
import {join, nameOf, parentOf} from './paths';
import {job} from '../page/job';
import {patiently} from '../page/patience';
import {toasts} from '../page/toasts.svelte';
import {putAt} from './placing';

export type Trashed = Schemas['TrashEntry'];

/** For `toasts.outdate`: no path begins so. */
export const kTrash = 'trash';

/** Where it is in there. */
export function placeOf({id}: Trashed): string {
  return join(kTrash, String(id));
}

export function trashPage(query: {limit: number; cursor?: string}, signal?: AbortSignal) {
  return ask(api.GET('/api/v1/trash', signal ? {params: {query}, signal} : {params: {query}}));
}

/** When the newest entry was deleted, by the server's clock; empty: there is none. */
export async function newestTrashed(): Promise<string> {
  return (await trashPage({limit: 1})).items[0]?.deleted_at ?? '';
}

/** The entries of what was deleted after that time; undefined where not all are there. */
export async function trashedSince(
  time: string, paths: readonly string[]
): Promise<Trashed[] | undefined> {
  const wanted = new Set(paths);
  const found: Trashed[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof trashPage>> =
      await trashPage({limit: 1000, ...(cursor === null ? {} : {cursor})});
    const later = page.items.filter((entry) => entry.deleted_at > time);
    found.push(...later.filter((entry) => wanted.delete(entry.path)));
    cursor = later.length < page.items.length ? null : page.next_cursor;
  } while (cursor !== null && wanted.size > 0);
  return wanted.size === 0 ? found : undefined;
}

/** Brings them back to where they lay, each by itself. What fails ends it, and is thrown. */
export async function restoreAll(
  entries: readonly Trashed[],
  done: (entry: Trashed, info: FileInfo, replaced: boolean) => void
): Promise<void> {
  const resolver = new Resolver();
  const folders = new Map<string, Existing>();
  /** Each by itself: one may have been deleted with what lay in it. */
  const existingOf = (folder: string) => {
    const isHere = (entry: Trashed) => parentOf(entry.path) === folder;
    const existing = folders.get(folder) ?? new Existing(folder, entries.filter(isHere).length);
    folders.set(folder, existing);
    return existing;
  };
  await job('files.restoring', entries.length, async (step) => {
    for (const [i, entry] of entries.entries()) {
      const folder = parentOf(entry.path);
      const restored = await putAt({
        name: nameOf(entry.path),
        kind: entry.kind,
        coming: {size: entry.size},
        folder,
        put: (to, overwrite) => restore(entry, to, overwrite),
        resolver,
        existing: existingOf(folder),
        others: entries.length - i - 1
      });
      if (restored) done(entry, restored.info, restored.replaced);
      step();
    }
  }, [kTrash]);
}

async function restore(entry: Trashed, to: string, overwrite: boolean): Promise<FileInfo> {
  const params = {path: {id: entry.id}};
  const info = await patiently(() =>
    ask(api.POST('/api/v1/trash/{id}/restore', {params, body: {to, overwrite}})));
  toasts.outdate(placeOf(entry));
  return info;
}

/** Removes it for good. */
export async function purge(entry: Trashed): Promise<void> {
  const params = {path: {id: entry.id}};
  await patiently(() => ask(api.DELETE('/api/v1/trash/{id}', {params})));
  toasts.outdate(placeOf(entry));
}

export async function emptyTrash(): Promise<void> {
  await patiently(() => ask(api.DELETE('/api/v1/trash')));
  toasts.outdate(kTrash);
}
