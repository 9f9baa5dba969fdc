import {t} from '../../lib/language/i18n.svelte';
import {foundProblems, isFault} from '../../lib/language/sentences';
import {isAltered, isDoubtful, type Problem} from './proof/doubts';
import type {AuditEvent} from './filters';

/** How it ended, in a word; of what is not to be trusted that. */
export function outcome(event: AuditEvent, found?: Problem[]): string {
  if (isDoubtful(found)) return t(isAltered(found) ? 'audit.altered' : 'audit.doubtful');
  if (foundProblems(event)) return t('audit.found_problems');
  if (event.success) return t('audit.succeeded');
  return t(isFault(event) ? 'audit.failed' : 'audit.asked');
}
