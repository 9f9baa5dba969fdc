import {api, ask, type Client, type FileInfo} from '../../api/client';
import {parentOf} from '../../lib/paths';

/** As the server orders: by the bytes of UTF-8, which is by code point. */
export function byName(a: string, b: string): number {
  const x = [...a];
  const y = [...b];
  for (let i = 0; i < Math.min(x.length, y.length); ++i) {
    const difference = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}

/** As `?sort=` of the server: folders first, ties by name. */
export const sorts = [
  'name', '-name', 'size', '-size', 'modified_at', '-modified_at', 'kind'
] as const;
export type Sort = (typeof sorts)[number];

/** The order of a folder that is sorted so. */
export function compare(sort: Sort | undefined): (a: FileInfo, b: FileInfo) => number {
  if (!sort) return (a, b) => byName(a.name, b.name);
  const key = sort.replace('-', '') as 'name' | 'size' | 'modified_at' | 'kind';
  const sign = sort.startsWith('-') ? -1 : 1;
  return (a, b) => {
    if (a.kind !== b.kind) return a.kind === 'directory' ? -1 : 1;
    if (key === 'name') return sign * byName(a.name, b.name);
    const [x, y] = [a[key], b[key]];
    if (x !== y) return x < y ? -sign : sign;
    return byName(a.name, b.name);
  };
}

/** A folder's entries, page by page as one scrolls; homes where the path is empty. What one does to
 *  them shows at once, wherever one has scrolled to. */
export class Listing {
  items = $state.raw<FileInfo[]>([]);
  error = $state.raw<unknown>();
  loading = $state(true);
  more = $state(false);
  path = '';
  sort: Sort | undefined;
  #cursor: string | null = null;
  #abort = new AbortController();
  #asking = false;
  #client: Client;

  constructor(client = api) {
    this.#client = client;
  }

  /** Shows another folder, or the same from its beginning. */
  async load(path: string, sort = this.sort): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    if (path !== this.path || sort !== this.sort) this.items = [];
    this.path = path;
    this.sort = sort;
    this.loading = true;
    this.error = undefined;
    this.#cursor = null;
    await this.#page(true);
  }

  async next(): Promise<void> {
    if (this.#asking || !this.more || this.error) return;
    await this.#page(false);
  }

  /** An entry that is new, or has changed. Nothing where it is none of this folder. */
  put(info: FileInfo): void {
    if (parentOf(info.path) !== this.path) return;
    const others = this.items.filter((item) => item.path !== info.path);
    const order = compare(this.sort);
    const at = others.findIndex((item) => order(item, info) > 0);
    if (at < 0 && this.more) this.items = others; // it comes with a later page
    else this.items = at < 0 ? [...others, info] : others.toSpliced(at, 0, info);
  }

  remove(path: string): void {
    if (parentOf(path) === this.path) this.items = this.items.filter((item) => item.path !== path);
  }

  has(name: string): boolean {
    return this.items.some((item) => item.name === name);
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
    if (this.path === '') return ask(this.#client.GET('/api/v1/dirs', {params: {query}, signal}));
    const sort = this.sort ? {sort: this.sort} : {};
    const params = {path: {path: this.path}, query: {...query, ...sort}};
    return ask(this.#client.GET('/api/v1/dirs/{path}', {params, signal}));
  }
}
