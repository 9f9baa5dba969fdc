import {api, ask} from '../../api/client';
import {apiQuery, type AuditEvent, type Filters, matches, type Range} from './filters';
import {isRoutine} from './routine.svelte';

interface Page {
  start: number;
  length: number;
  cursor: string | null;
  held: boolean;
}

/** A page of the API. */
const kPage = 500;
/** So many pages stay in memory: the others are asked for again when they come into view. */
const kHeld = 24;
/** Browsers draw nothing that is higher than some 33 million px. */
export const kMost = 600_000;
/** So many new events are kept above the list until it begins anew. */
const kLive = 1000;

/** Events that fit the filters, newest first, page by page as one scrolls. Of a million rows only
 *  those around what is in view are held. */
export class Trail {
  items = $state.raw<(AuditEvent | undefined)[]>([]);
  error = $state.raw<unknown>();
  loading = $state(true);
  more = $state(false);
  /** New ones that wait until one is at the top. */
  waiting = $state.raw<AuditEvent[]>([]);
  /** So many of those that came were left out: see routine.svelte.ts. */
  hidden = $state(0);

  #filters: Filters = {};
  #range: Range = {name: 'all'};
  #pages: Page[] = [];
  #live: AuditEvent[] = [];
  #next: string | null = null;
  #abort = new AbortController();
  #asking = false;
  #showsAll = false;
  #left = new Set<number>();

  async load(filters: Filters, range: Range, showsAll: boolean): Promise<void> {
    this.#filters = filters;
    this.#showsAll = showsAll;
    this.#range = range;
    await this.reload();
  }

  /** From the newest on. */
  async reload(): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.loading = true;
    this.error = undefined;
    this.waiting = [];
    this.#left = new Set();
    this.#asking = true;
    const {signal} = this.#abort;
    try {
      const page = await this.#ask(null, signal);
      if (signal.aborted) return;
      this.#live = [];
      this.#pages = [{start: 0, length: page.items.length, cursor: page.cursor, held: true}];
      this.items = page.items;
      this.#proceed(page.next_cursor);
    } catch (error) {
      if (signal.aborted) return;
      this.error = error;
      this.hidden = 0;
    } finally {
      if (!signal.aborted) this.loading = this.#asking = false;
    }
  }

  async next(): Promise<void> {
    if (this.#asking || !this.more || this.error) return;
    const cursor = this.#next;
    await this.#guarded(async (signal) => {
      const page = await this.#ask(cursor, signal);
      if (signal.aborted) return;
      const start = this.items.length;
      this.#pages.push({start, length: page.items.length, cursor: page.cursor, held: true});
      this.items = [...this.items, ...page.items];
      this.#proceed(page.next_cursor);
      this.#letGo(start);
    });
  }

  /** What is in view: brings back what was let go. */
  async view(first: number, last: number): Promise<void> {
    if (this.#asking || this.error) return;
    const page = this.#pages.find((p) => !p.held && p.start <= last && p.start + p.length > first);
    if (!page) return;
    await this.#guarded(async (signal) => {
      const items = this.#kept((await this.#page(page.cursor, signal)).items);
      if (signal.aborted) return;
      const all = this.items.slice();
      for (const [i, event] of items.slice(0, page.length).entries()) all[page.start + i] = event;
      page.held = true;
      this.items = all;
      this.#letGo(first);
    });
  }

  /** A new event of the stream; `now`: it may be put above the others. */
  add(event: AuditEvent, now: boolean): void {
    if (!matches(event, this.#filters, this.#range) || this.#has(event)) return;
    const isLeft = this.#kept([event]).length === 0;
    if (!this.loading) this.hidden = this.#left.size;
    if (isLeft) return;
    this.waiting = [event, ...this.waiting];
    if (now) this.showWaiting();
    else if (this.waiting.length > kLive) this.waiting = this.waiting.slice(0, kLive);
  }

  showWaiting(): void {
    if (this.waiting.length + this.#live.length >= kLive) return void this.reload();
    this.#live = [...this.waiting, ...this.#live];
    this.items = [...this.waiting, ...this.items];
    for (const page of this.#pages) page.start += this.waiting.length;
    this.waiting = [];
  }

  #has(event: AuditEvent): boolean {
    const first = this.#pages[0]?.length ?? 0;
    const near = this.items.slice(0, this.#live.length + first);
    return [...this.waiting, ...near].some((known) => known?.id === event.id);
  }

  /** The list has what came: what is told of it is of that, and of no page before or after it. */
  #proceed(cursor: string | null): void {
    this.hidden = this.#left.size;
    this.#next = cursor;
    this.more = cursor !== null && this.items.length < kMost;
  }

  /** Lets the pages go that are farthest from the row in view. */
  #letGo(row: number): void {
    const held = this.#pages.filter((page) => page.held && page !== this.#pages[0]);
    if (held.length <= kHeld) return;
    const distance = (page: Page) => Math.abs(page.start + page.length / 2 - row);
    const all = this.items.slice();
    for (const page of held.sort((a, b) => distance(a) - distance(b)).slice(kHeld)) {
      page.held = false;
      all.fill(undefined, page.start, page.start + page.length);
    }
    this.items = all;
  }

  async #guarded(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const {signal} = this.#abort;
    this.#asking = true;
    try {
      await work(signal);
    } catch (error) {
      if (!signal.aborted) this.error = error;
    } finally {
      if (!signal.aborted) this.#asking = false;
    }
  }

  /** Those that are shown. */
  #kept(events: AuditEvent[]): AuditEvent[] {
    if (this.#showsAll) return events;
    const kept = events.filter((event) => !isRoutine(event, this.#filters));
    if (kept.length === events.length) return events;
    for (const event of events) if (isRoutine(event, this.#filters)) this.#left.add(event.id);
    return kept;
  }

  /** The next page of which something is shown. */
  async #ask(from: string | null, signal: AbortSignal) {
    for (let cursor = from; ;) {
      const page = await this.#page(cursor, signal);
      const items = signal.aborted ? [] : this.#kept(page.items);
      if (items.length > 0 || page.next_cursor === null || signal.aborted)
        return {items, cursor, next_cursor: page.next_cursor};
      cursor = page.next_cursor;
    }
  }

  #page(cursor: string | null, signal: AbortSignal) {
    const query = {
      ...apiQuery(this.#filters, this.#range), limit: cursor ? kPage : 100, ...(cursor && {cursor})
    };
    return ask(api.GET('/api/v1/audit/events', {params: {query}, signal}));
  }
}
