import {againOnline} from '../page/again.svelte';

/** What a page asks the server for. It asks again by itself when the line is back. */
export class Loaded<T> {
  value = $state.raw<T>();
  error = $state.raw<unknown>();
  loading = $state(true);
  readonly #ask: (signal: AbortSignal) => Promise<T>;
  #abort = new AbortController();

  /** For use while a component is set up; what `ask` reads before it waits is followed. */
  constructor(ask: (signal: AbortSignal) => Promise<T>) {
    this.#ask = ask;
    $effect(() => {
      void this.load();
      return () => this.#abort.abort();
    });
    againOnline(this);
  }

  /** Asks anew; what is shown stays until the answer is here. */
  async load(): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    const {signal} = this.#abort;
    const answer = this.#ask(signal);
    this.loading = true;
    try {
      const value = await answer;
      if (signal.aborted) return;
      this.value = value;
      this.error = undefined;
    } catch (error) {
      if (signal.aborted) return;
      this.error = error;
    }
    this.loading = false;
  }
}

/** A page of a list of the API. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** All pages of a list, but no more than `most`: `complete` says whether that was all. */
export async function everyPage<T>(
  page: (cursor: string | undefined) => Promise<Page<T>>,
  most = 20
): Promise<{items: T[]; complete: boolean}> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let i = 0; i < most; ++i) {
    const next: Page<T> = await page(cursor ?? undefined);
    items.push(...next.items);
    cursor = next.next_cursor;
    if (cursor === null) return {items, complete: true};
  }
  return {items, complete: false};
}

/** The query of a page of a list. */
export function pageQuery(cursor: string | undefined, limit = 1000) {
  return cursor === undefined ? {limit} : {limit, cursor};
}
