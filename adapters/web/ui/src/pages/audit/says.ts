// What an event says, in words.
import type {AuditEvent} from './filters';
import {t} from '../../lib/i18n.svelte';
import {foundProblems, isFault, plainSentence} from '../../lib/sentences';

export function says(event: AuditEvent): string {
  return plainSentence(event);
}

/** Who did it, as far as that is known: the name that failed to sign in is not who tried. */
export function doer({action, user}: AuditEvent): string | null {
  return action === 'login_failed' ? null : user;
}

/** How it ended, in a word; of what is not to be trusted that. */
export function outcome(event: AuditEvent, isDoubtful = false): string {
  if (isDoubtful) return t('audit.doubtful');
  if (foundProblems(event)) return t('audit.found_problems');
  if (event.success) return t('audit.succeeded');
  return t(isFault(event) ? 'audit.failed' : 'audit.asked');
}
