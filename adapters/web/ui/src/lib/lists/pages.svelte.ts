import {againOnline} from '../page/again.svelte';
import type {Page} from './loaded.svelte';

type Ask<T> = (page: {limit: number; cursor?: string}, signal: AbortSignal) => Promise<Page<T>>;

/** Pages without an entry that are passed over until one has some. */
const kEmpty = 20;

/** A list of the server's, page by page as one scrolls. It asks again by itself when the line is
 *  back. */
export class Pages<T> {
  items = $state.raw<T[]>([]);
  error = $state.raw<unknown>();
  loading = $state(true);
  more = $state(false);
  readonly #ask: Ask<T>;
  #cursor: string | null = null;
  #abort = new AbortController();
  #asking: Promise<void> | undefined;

  /** For use while a component is set up; what `ask` reads before it waits is followed. */
  constructor(ask: Ask<T>) {
    this.#ask = ask;
    $effect(() => {
      void this.load();
      return () => this.#abort.abort();
    });
    againOnline(this);
  }

  /** From its beginning; what is shown stays until the answer is here. */
  load(): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#cursor = null;
    this.loading = true;
    return (this.#asking = this.#next(true));
  }

  /** Also of who asks while it is asked for already. */
  async next(): Promise<void> {
    if (!this.#asking && this.more && !this.error) this.#asking = this.#next(false);
    await this.#asking;
  }

  remove(gone: (item: T) => boolean): void {
    this.items = this.items.filter((item) => !gone(item));
  }

  async #next(isFirst: boolean): Promise<void> {
    const {signal} = this.#abort;
    try {
      const found: T[] = [];
      for (let i = 0; i < kEmpty && found.length === 0; ++i) {
        const cursor = this.#cursor === null ? {} : {cursor: this.#cursor};
        const page = await this.#ask({limit: isFirst ? 200 : 1000, ...cursor}, signal);
        if (signal.aborted) return;
        found.push(...page.items);
        this.#cursor = page.next_cursor;
        if (this.#cursor === null) break;
      }
      this.items = isFirst ? found : [...this.items, ...found];
      this.more = this.#cursor !== null;
      this.error = undefined;
    } catch (error) {
      if (signal.aborted) return;
      this.error = error;
    } finally {
      if (!signal.aborted) {
        this.#asking = undefined;
        this.loading = false;
      }
    }
  }
}
