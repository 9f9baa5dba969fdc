// Deleting: into the trash, with a way back.
import {api, ask, type FileInfo} from '../../../api/client';
import {newestTrashed, type Trashed, trashedSince} from '../../../lib/files/trash';
import {number, t} from '../../../lib/language/i18n.svelte';
import {toasts} from '../../../lib/page/toasts.svelte';
import {removeAll} from '../actions';

/** Does the server keep what is deleted? */
export async function keepsTrash(): Promise<boolean> {
  return (await ask(api.GET('/api/v1/usage'))).trash_days > 0;
}

/** What was deleted, in the trash: `entries`, or none where they could not be asked for yet. */
export interface Gone {
  entries: Trashed[];
  find: () => Promise<Trashed[] | undefined>;
}

/** undefined where they are not in the trash: they went for good. What fails ends it, and is
 *  `failed`; what was done before stays done. */
export async function remove(
  items: FileInfo[], forGood: boolean, done: (item: FileInfo) => void,
  failed: (error: unknown) => void
): Promise<Gone | undefined> {
  const gone: string[] = [];
  let since = '';
  const progress = toasts.progress();
  try {
    if (!forGood) since = await newestTrashed();
    await removeAll(items, forGood, (item) => {
      gone.push(item.path);
      done(item);
      const [count, all] = [number(gone.length), number(items.length)];
      progress.tell(t('files.deleting', {count, all}));
    });
  } catch (error) {
    failed(error);
    if (gone.length === 0) return undefined;
  } finally {
    progress.end();
  }
  if (forGood) return undefined;
  const find = () => trashedSince(since, gone);
  // The line may be lost, which ended it: then they are asked for when they are to come back.
  const entries = await find().catch(() => []);
  return entries && {entries, find};
}
