// Deleting: into the trash, with a way back.
import {api, ask, type FileInfo} from '../../../api/client';
import {newestTrashed, type Trashed, trashedSince} from '../../../lib/files/trash';
import {removeAll} from '../actions';

/** Does the server keep what is deleted? */
export async function keepsTrash(): Promise<boolean> {
  return (await ask(api.GET('/api/v1/usage'))).trash_days > 0;
}

/** Their entries in the trash; undefined where they are not there: they went for good. What fails
 *  ends it, and is `failed`; what was done before stays done. */
export async function remove(
  items: FileInfo[], forGood: boolean, done: (item: FileInfo) => void,
  failed: (error: unknown) => void
): Promise<Trashed[] | undefined> {
  const gone: string[] = [];
  let since = '';
  try {
    if (!forGood) since = await newestTrashed();
    await removeAll(items, forGood, (item) => {
      gone.push(item.path);
      done(item);
    });
  } catch (error) {
    failed(error);
    if (gone.length === 0) return undefined;
  }
  // They are gone from here; where this fails, the trash will tell.
  return forGood ? undefined : trashedSince(since, gone).catch(() => undefined);
}
