// Deleting: into the trash, with a way back.
import {api, ask, type FileInfo} from '../../../api/client';
import {isWithin} from '../../../lib/files/paths';
import {kTrash, newestTrashed, type Trashed, trashedSince} from '../../../lib/files/trash';
import {t} from '../../../lib/language/i18n.svelte';
import {router} from '../../../lib/page/router.svelte';
import {toasts} from '../../../lib/page/toasts.svelte';
import {session} from '../../../lib/session/session.svelte';
import {removeAll} from '../actions';

const kLost = 'baluhost.trashed';

// The way back goes with the page.
addEventListener('pagehide', () => {
  const isLost = toasts.all.some(({at}) => at.some((place) => isWithin(place, kTrash)));
  if (isLost && session.state === 'signed-in') sessionStorage.setItem(kLost, '1');
});

/** Where it went, the page says where the other one is. */
export function sayWhere(): void {
  if (sessionStorage.getItem(kLost) === null) return;
  sessionStorage.removeItem(kLost);
  const show = {label: t('nav.trash'), run: () => router.go('/trash')};
  toasts.show(t('files.in_trash'), {actions: [show]});
}

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
  if (forGood) return undefined;
  const find = () => trashedSince(since, gone);
  // The line may be lost, which ended it: then they are asked for when they are to come back.
  const entries = await find().catch(() => []);
  return entries && {entries, find};
}
