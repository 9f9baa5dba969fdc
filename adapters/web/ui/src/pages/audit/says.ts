// What an event says, in words.
import type {AuditEvent} from './filters';
import {plainSentence} from '../../lib/sentences';

/** A code of the record as words: `Login failed`. */
export function named(code: string): string {
  const words = code.replaceAll('_', ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function says(event: AuditEvent): string {
  return plainSentence(event);
}
