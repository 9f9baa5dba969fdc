// What is done to many things, one after the other: it tells how far it is, and the page is not
// left unasked meanwhile.
import {asProblem} from '../../api/problem';
import {type Key, number, t, tn} from '../language/i18n.svelte';
import {inWords} from '../language/words';
import {session} from '../session/session.svelte';
import {toasts} from './toasts.svelte';
import {tray} from './tray.svelte';

addEventListener('beforeunload', (event) => {
  if (tray.jobs > 0 && session.state === 'signed-in') event.preventDefault();
});

/** `work` calls what it gets after each of `all`, and `says` tells of it; `at`: as of a message. */
export async function job<T>(
  says: Key, all: number, work: (step: () => void) => Promise<T>, at: string[] = []
): Promise<T> {
  const progress = toasts.progress(at);
  let count = 0;
  tray.jobs += 1;
  try {
    return await work(() => {
      count += 1;
      progress.tell(t(says, {count: number(count), all: number(all)}));
    });
  } finally {
    tray.jobs -= 1;
    progress.end();
  }
}

/** What of `count` it ended before, with a way to go on with them where the line was lost. */
export function stopped(error: unknown, left: number, count: number, again: () => void): void {
  const text = inWords(error);
  toasts.show(count > 1 ? `${text} ${tn('files.left', left)}` : text, {
    kind: 'failed',
    actions: asProblem(error).isOffline ? [{label: t('error.retry'), run: again}] : []
  });
}
