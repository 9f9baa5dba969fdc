import {api, ask, type Schemas} from '../../api/client';
import {dayRange} from '../../lib/language/days';
import type {AuditEvent} from '../../lib/language/sentences';
import {againOnline} from '../../lib/page/again.svelte';
import {session} from '../../lib/session/session.svelte';

type EventType = Schemas['EventType'];

const types: Record<string, EventType> = {
  files: 'FILE_ACCESS', security: 'SECURITY', people: 'USER_MANAGEMENT', record: 'SYSTEM'
};

/** What the filters of the address are for the API. */
export function queryOf(filters: URLSearchParams, user: string) {
  const type = types[filters.get('type') ?? ''];
  const outcome = filters.get('outcome');
  const from = dayRange(filters.get('from'))?.from;
  const to = dayRange(filters.get('to'))?.to;
  const path = filters.get('path')?.trim();
  return {
    user,
    ...(type && {event_type: type}),
    ...(outcome === 'done' && {success: true}),
    ...(outcome === 'failed' && {success: false}),
    ...(from && {from}),
    ...(to && {to}),
    ...(path && {resource_prefix: path})
  };
}

/** Asked for more than these, a page would be long in coming. */
const kPages = 5;

/** One's own events, newest first, page by page. That a session was kept going, four times an hour,
 *  is not shown unless it is asked for. */
export class History {
  items = $state.raw<AuditEvent[]>([]);
  error = $state.raw<unknown>();
  loading = $state(true);
  more = $state(false);
  #filters = new URLSearchParams();
  #cursor: string | null = null;
  #abort = new AbortController();

  constructor() {
    const error = () => this.error;
    const load = () => (this.items.length ? this.older() : this.again());
    againOnline({get error() { return error(); }, load});
    $effect(() => () => this.#abort.abort());
  }

  async load(filters: URLSearchParams): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#filters = filters;
    this.#cursor = null;
    this.items = [];
    await this.#next();
  }

  again(): Promise<void> {
    return this.load(this.#filters);
  }

  older(): Promise<void> {
    return this.#next();
  }

  async #next(): Promise<void> {
    const {signal} = this.#abort;
    this.loading = true;
    this.error = undefined;
    try {
      const found = await this.#pages(signal);
      if (signal.aborted) return;
      this.items = [...this.items, ...found];
      this.more = this.#cursor !== null;
    } catch (error) {
      if (signal.aborted) return;
      this.error = error;
    }
    this.loading = false;
  }

  async #pages(signal: AbortSignal): Promise<AuditEvent[]> {
    const all = this.#filters.get('renewals') === '1';
    const found: AuditEvent[] = [];
    for (let i = 0; i < kPages && found.length < 20; ++i) {
      const query = {
        ...queryOf(this.#filters, session.user!.username), limit: 50,
        ...(this.#cursor && {cursor: this.#cursor})
      };
      const page = await ask(api.GET('/api/v1/audit/events', {params: {query}, signal}));
      this.#cursor = page.next_cursor;
      found.push(...page.items.filter((e) => all || e.action !== 'token_refresh' || !e.success));
      if (this.#cursor === null) break;
    }
    return found;
  }
}
