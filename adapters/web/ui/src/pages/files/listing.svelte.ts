import {tick} from 'svelte';
import {api, ask, type Client, type FileInfo} from '../../api/client';
import {asProblem} from '../../api/problem';
import {i18n} from '../../lib/language/i18n.svelte';
import {againOnline} from '../../lib/page/again.svelte';
import {isFree} from '../../lib/page/focus';
import {isWithin, join, parentOf} from '../../lib/files/paths';

/** As the server orders: by the bytes of UTF-8, which is by code point. */
export function byName(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let i = 0;
  while (i < most && a.charCodeAt(i) === b.charCodeAt(i)) ++i;
  // Where two of a pair differ in the second half alone, that decides: of the same first one.
  return i === most ? a.length - b.length : a.codePointAt(i)! - b.codePointAt(i)!;
}

/** As people order: by their language, numbers by their value, whatever the case. */
function byWords(locale: string): (a: string, b: string) => number {
  const collator = new Intl.Collator(locale, {numeric: true, sensitivity: 'base'});
  return (a, b) => collator.compare(a, b) || byName(a, b);
}

/** As `?sort= of the server: folders first, ties by name. */
export const sorts = [
  'name', '-name', 'size', '-size', 'modified_at', '-modified_at', 'kind'
] as const;
export type Sort = (typeof sorts)[number];

/** The order of a folder that is sorted so: the server's, or that of a language. */
export function compare(
  sort: Sort | undefined, locale?: string
): (a: FileInfo, b: FileInfo) => number {
  const names = locale === undefined ? byName : byWords(locale);
  if (!sort) return (a, b) => names(a.name, b.name);
  const key = sort.replace('-', '') as 'name' | 'size' | 'modified_at' | 'kind';
  const sign = sort.startsWith('-') ? -1 : 1;
  return (a, b) => {
    if (a.kind !== b.kind) return a.kind === 'directory' ? -1 : 1;
    if (key === 'name') return sign * names(a.name, b.name);
    const [x, y] = [a[key], b[key]];
    if (x !== y) return x < y ? -sign : sign;
    return names(a.name, b.name);
  };
}

/** Of a page. A folder that is here with its first one is sorted by words; a longer one stays in
 *  the order in which the server gives its pages. */
const kPage = 1000;

/** Pages that are asked for anew: what is below them stays as it is. */
const kRefreshed = 10;

/** Its members are texts and numbers. */
function isSame(a: FileInfo, b: FileInfo): boolean {
  for (const name in b) if (a[name as keyof FileInfo] !== b[name as keyof FileInfo]) return false;
  return true;
}

/** What is shown, `found` being all of its beginning; `isAll`: and all that there is. What has not
 *  changed stays the same object. */
export function renewed(
  shown: FileInfo[], found: FileInfo[], isAll: boolean, sort: Sort | undefined
): FileInfo[] {
  const known = new Map(shown.map((item) => [item.path, item]));
  const items = found.map((item) => {
    const before = known.get(item.path);
    return before && isSame(before, item) ? before : item;
  });
  const last = found.at(-1);
  if (isAll || !last) return items;
  const order = compare(sort);
  const paths = new Set(found.map((item) => item.path));
  return [...items, ...shown.filter((item) => !paths.has(item.path) && order(item, last) > 0)];
}

/** The list, or the tiles: where the focus goes to an entry. */
export interface Entries {
  focusKey: (key: string) => Promise<void>;
  focusRow: (index: number) => Promise<void>;
}

/** A folder's entries, page by page as one scrolls; homes where the path is empty. What one does to
 *  them shows at once, wherever one has scrolled to. */
export class Listing {
  items = $state.raw<FileInfo[]>([]);
  error = $state.raw<unknown>();
  loading = $state(true);
  /** It was here, and is not any more, or not for who looks. */
  isLost = $state(false);
  more = $state(false);
  path = '';
  sort: Sort | undefined;
  /** When it was asked for last. */
  askedAt = 0;
  #changes = 0;
  #isWhole = false;
  #cursor: string | null = null;
  #abort = new AbortController();
  #asking: Promise<void> | undefined;
  #client: Client;

  /** For use while a component is set up: it asks again by itself when the line is back. */
  constructor(client = api) {
    this.#client = client;
    againOnline(this);
  }

  /** Shows another folder, or the same from its beginning. */
  async load(path = this.path, sort = this.sort): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    if (path !== this.path || sort !== this.sort) this.items = [];
    this.path = path;
    this.sort = sort;
    this.loading = true;
    this.error = undefined;
    this.isLost = false;
    this.#cursor = null;
    this.askedAt = Date.now();
    await (this.#asking = this.#page(true));
  }

  /** Shows why a folder cannot be shown. */
  fail(path: string, sort: Sort | undefined, error: unknown): void {
    Object.assign(this, {path, sort, error, loading: false, askedAt: Date.now()});
  }

  /** Shows another folder, in which the focus goes on: at the one that one came from, where that
   *  is in it, else at its first entry. It stays where one went on to something else, or writes. */
  async open(path: string, sort: Sort | undefined, entries: () => Entries | undefined) {
    const from = this.askedAt === 0 ? path : this.path;
    const before = document.activeElement;
    await this.load(path, sort);
    if (from === path || this.path !== path) return;
    await tick();
    const now = document.activeElement;
    if (!isFree() && (now !== before || now?.matches('input'))) return;
    const below = isWithin(from, path) ? from.slice(path.length + 1).split('/')[0]! : '';
    await entries()?.focusKey(join(path, below));
  }

  /** Shows nothing, until it is loaded. */
  clear(): void {
    this.#abort.abort();
    this.items = [];
    this.error = undefined;
    this.loading = true;
    this.more = false;
  }

  /** Asks anew for what is shown, which stays meanwhile; tells whether the answer came. */
  async refresh(): Promise<boolean> {
    const {signal} = this.#abort;
    if (this.loading || this.error) return false;
    this.askedAt = Date.now();
    try {
      // What was done meanwhile, an answer may not know.
      for (let tries = 0; tries < 3; ++tries) {
        const changes = this.#changes;
        const isDone = await this.#renew(signal, () => changes !== this.#changes);
        if (isDone || signal.aborted) return isDone;
      }
    } catch (error) {
      if (signal.aborted) return false;
      if (!/^(not_found|forbidden)$/.test(asProblem(error).code)) return false;
      this.error = error;
      this.isLost = true;
    }
    return false;
  }

  /** Also of who asks while it is asked for already. */
  async next(): Promise<void> {
    if (!this.#asking && this.more && !this.error) this.#asking = this.#page(false);
    await this.#asking;
  }

  /** An entry that is new, or has changed. Nothing where it is none of this folder. */
  put(info: FileInfo): void {
    if (parentOf(info.path) !== this.path) return;
    this.#changes += 1;
    const others = this.items.filter((item) => item.path !== info.path);
    const order = this.#order();
    const at = others.findIndex((item) => order(item, info) > 0);
    if (at < 0 && this.more) this.items = others; // it comes with a later page
    else this.items = at < 0 ? [...others, info] : others.toSpliced(at, 0, info);
  }

  remove(path: string): void {
    this.#changes += 1;
    if (parentOf(path) === this.path) this.items = this.items.filter((item) => item.path !== path);
  }

  has(name: string): boolean {
    return this.items.some((item) => item.name === name);
  }

  async #page(isFirst: boolean): Promise<void> {
    const {signal} = this.#abort;
    try {
      const page = await this.#ask(signal, this.#cursor);
      if (signal.aborted) return;
      this.#changes += 1;
      if (isFirst) this.#isWhole = page.next_cursor === null;
      this.items = isFirst ? this.#sorted(page.items) : [...this.items, ...page.items];
      this.#cursor = page.next_cursor;
      this.more = page.next_cursor !== null;
      this.loading = false;
    } catch (error) {
      if (signal.aborted) return;
      this.error = error;
      this.loading = false;
    } finally {
      if (!signal.aborted) this.#asking = undefined;
    }
  }

  /** False where the list was changed before all was here. */
  async #renew(signal: AbortSignal, isStale: () => boolean): Promise<boolean> {
    const found: FileInfo[] = [];
    let cursor: string | null = null;
    for (let i = 0; i < kRefreshed; ++i) {
      const page = await this.#ask(signal, cursor);
      if (signal.aborted || isStale()) return false;
      found.push(...page.items);
      cursor = page.next_cursor;
      if (cursor === null || found.length >= this.items.length) break;
    }
    // One that has grown beyond a page, or shrunk to one, changes its order by this.
    this.#isWhole = cursor === null && found.length <= kPage;
    const items = this.#sorted(renewed(this.items, found, cursor === null, this.sort));
    if (items.length === found.length) {
      this.#cursor = cursor;
      this.more = cursor !== null;
    }
    const isNew = items.length !== this.items.length || items.some((it, i) => it !== this.items[i]);
    if (isNew) this.items = items;
    return true;
  }

  #order() {
    return compare(this.sort, this.#isWhole ? i18n.locale : undefined);
  }

  #sorted(items: FileInfo[]): FileInfo[] {
    return this.#isWhole ? items.toSorted(this.#order()) : items;
  }

  #ask(signal: AbortSignal, cursor: string | null) {
    const query = {limit: kPage, ...(cursor ? {cursor} : {})};
    if (this.path === '') return ask(this.#client.GET('/api/v1/dirs', {params: {query}, signal}));
    const sort = this.sort ? {sort: this.sort} : {};
    const params = {path: {path: this.path}, query: {...query, ...sort}};
    return ask(this.#client.GET('/api/v1/dirs/{path}', {params, signal}));
  }
}
