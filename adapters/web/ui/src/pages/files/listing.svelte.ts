import {api, ask, type FileInfo} from '../../api/client';

/** A folder's entries, page by page as one scrolls; homes where the path is empty. */
export class Listing {
  items = $state.raw<FileInfo[]>([]);
  error = $state.raw<unknown>();
  loading = $state(true);
  path = '';
  #cursor: string | null = null;
  #abort = new AbortController();
  #asking = false;
  more = $state(false);

  /** Shows another folder, or the same from its beginning. */
  async load(path: string): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    if (path !== this.path) this.items = [];
    this.path = path;
    this.loading = true;
    this.error = undefined;
    this.#cursor = null;
    this.#asking = false;
    await this.#page(true);
  }

  /** The same folder, without a flicker; as many entries as are shown already. */
  async refresh(): Promise<void> {
    await this.load(this.path);
  }

  async next(): Promise<void> {
    if (this.#asking || !this.more || this.error) return;
    await this.#page(false);
  }

  async #page(isFirst: boolean): Promise<void> {
    const {signal} = this.#abort;
    this.#asking = true;
    try {
      const page = await this.#ask(signal, isFirst ? 200 : 1000);
      if (signal.aborted) return;
      this.items = isFirst ? page.items : [...this.items, ...page.items];
      this.#cursor = page.next_cursor;
      this.more = page.next_cursor !== null;
      this.loading = false;
    } catch (error) {
      if (signal.aborted) return;
      this.error = error;
      this.loading = false;
    } finally {
      if (!signal.aborted) this.#asking = false;
    }
  }

  #ask(signal: AbortSignal, limit: number) {
    const query = {limit, ...(this.#cursor ? {cursor: this.#cursor} : {})};
    if (this.path === '') return ask(api.GET('/api/v1/dirs', {params: {query}, signal}));
    const params = {path: {path: this.path}, query};
    return ask(api.GET('/api/v1/dirs/{path}', {params, signal}));
  }
}
