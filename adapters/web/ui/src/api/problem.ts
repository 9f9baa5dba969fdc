import {said} from '../lib/language/i18n.svelte';
import type {components} from './schema';

type Document = components['schemas']['Problem'];

/** The codes of the server's problem documents, and what can go wrong before there is one. */
export type Code = Document['code'] | 'changed' | 'gone' | 'offline' | 'unknown' |
  'unreadable';

/** What a call of the API came to where it failed. */
export class Problem extends Error {
  readonly status: number;
  readonly code: Code;
  readonly requestId: string | undefined;
  readonly #fields: NonNullable<Document['errors']>;
  readonly challenge: string | undefined;
  /** Seconds until it is worth another try. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: Code, document: Partial<Document> = {}, retryAfter?: number) {
    super(document.detail ?? code);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.requestId = document.request_id;
    this.#fields = document.errors ?? [];
    this.challenge = document.challenge;
    this.retryAfter = retryAfter;
  }

  /** What is wrong with members of what was sent. */
  get fields(): NonNullable<Document['errors']> {
    return this.#fields.map(({pointer, detail}) => ({pointer, detail: said(detail)}));
  }

  /** Nothing was answered: it may work once the line is back. */
  get isOffline(): boolean {
    return this.code === 'offline';
  }
}

export function offline(): Problem {
  return new Problem(0, 'offline');
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && 'code' in value && 'request_id' in value;
}

/** The problem of an answer that is none of success. */
export function problemOf(response: Response, body: unknown): Problem {
  const after = Number(response.headers.get('Retry-After') ?? NaN);
  const retryAfter = Number.isFinite(after) ? after : undefined;
  if (isDocument(body)) return new Problem(response.status, body.code, body, retryAfter);
  const request_id = response.headers.get('X-Request-Id') ?? undefined;
  const code = response.status === 503 ? 'unavailable' : 'unknown';
  return new Problem(response.status, code, request_id ? {request_id} : {}, retryAfter);
}

/** What was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // What fetch throws, in words of each browser's own; those of a fault in a page are not.
  const isFault = /\bis (not|undefined|null)\b|^can(not|'t) /i;
  if (error instanceof TypeError && !isFault.test(error.message)) return offline();
  return new Problem(0, 'unknown', {detail: error instanceof Error ? error.message : ''});
}
