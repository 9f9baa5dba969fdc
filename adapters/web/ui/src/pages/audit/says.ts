// What an event says, in words.
import type {AuditEvent} from './filters';
import {plainSentence} from '../../lib/sentences';

export function says(event: AuditEvent): string {
  return plainSentence(event);
}
