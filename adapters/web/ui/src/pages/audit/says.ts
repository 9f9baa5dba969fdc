// What an event says, in words.
import type {AuditEvent} from './filters';
import {plainSentence} from '../../lib/language/sentences';
import {links} from './links.svelte';

export function says(event: AuditEvent): string {
  const link = links.pathOf(event);
  return plainSentence(link ? {...event, resource: link} : event);
}

/** Who did it, as far as that is known: the name that failed to sign in is not who tried. */
export function doer({action, user}: AuditEvent): string | null {
  return action === 'login_failed' ? null : user;
}
