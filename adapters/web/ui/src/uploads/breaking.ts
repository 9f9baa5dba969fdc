import {session} from '../lib/session/session.svelte';
import {kSilent, offsetOf} from './transfer';
import {uploads} from './uploads.svelte';

/** Breaks off what the session sends. Returns once the server has put down what arrived of it: of
 *  a session that has ended it would not. */
export async function breakOff(): Promise<void> {
  const open = uploads.all.filter(({isOpen, sender}) => isOpen && sender === session);
  for (const upload of open) uploads.pause(upload);
  const urls = open.flatMap(({record}) => record?.url || []);
  if (urls.length === 0) return;
  await new Promise((resolve) => setTimeout(resolve, kSilent));
  await Promise.allSettled(urls.map((url) => offsetOf(session, url)));
}
