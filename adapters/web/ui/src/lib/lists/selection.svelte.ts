// What of a list is chosen, as file managers do it: a click chooses one, with Ctrl one more or
// less, with Shift all from the anchor to there. By key, so that it outlives sorting and paging.

import {number, t} from '../language/i18n.svelte';
import {toasts} from '../page/toasts.svelte';

/** So many are chosen at once, at most. */
const kMost = 100_000;

/** A list that comes page by page: `next` brings one, or fails and brings none. */
interface Paged {
  readonly more: boolean;
  next(): Promise<void>;
}

export interface Modifiers {
  shift?: boolean;
  ctrl?: boolean;
}

export class Selection {
  /** Keys in the order of the list: whoever shows it keeps it true. */
  #order: () => readonly string[];
  #list: Paged | undefined;
  keys = $state.raw<ReadonlySet<string>>(new Set());
  /** Where a range begins. */
  #anchor: string | undefined;
  #ranged: ReadonlySet<string> = new Set();

  constructor(order: () => readonly string[], list?: Paged) {
    this.#order = order;
    this.#list = list;
  }

  get size(): number {
    return this.keys.size;
  }

  only(keys: Iterable<string>): void {
    this.clear();
    this.keys = new Set(keys);
  }

  has(key: string): boolean {
    return this.keys.has(key);
  }

  /** A click, or an arrow key that went there. */
  pick(key: string, {shift, ctrl}: Modifiers = {}): void {
    if (shift && this.#anchor !== undefined) {
      const range = this.#range(this.#anchor, key);
      const kept = [...this.keys].filter((k) => !this.#ranged.has(k));
      this.#ranged = new Set(range);
      this.keys = new Set(ctrl ? [...this.keys, ...range] : [...kept, ...range]);
      return;
    }
    this.#anchor = key;
    this.#ranged = new Set([key]);
    if (ctrl) this.toggle(key);
    else this.keys = new Set([key]);
  }

  /** A checkbox, or the space bar: with Shift, too, all from the anchor to there. */
  toggle(key: string, shift = false): void {
    if (shift && this.#anchor !== undefined) return this.pick(key, {shift});
    const keys = new Set(this.keys);
    if (!keys.delete(key)) keys.add(key);
    this.#anchor = key;
    this.#ranged = new Set([key]);
    this.keys = keys;
  }

  /** All that there are: those that have not come yet are brought before. Nothing else is chosen
   *  where they do not come, nor where another choice was made meanwhile. */
  async all(): Promise<void> {
    const {keys} = this;
    const progress = toasts.progress();
    try {
      while (this.#list?.more && this.#order().length < kMost) {
        const count = this.#order().length;
        progress.tell(t('files.choosing', {count: number(count)}));
        await this.#list.next();
        if (this.keys !== keys || this.#order().length === count) return;
      }
    } finally {
      progress.end();
    }
    this.keys = new Set(this.#order());
    if (this.#list?.more)
      toasts.show(t('files.chosen_most', {count: number(this.size)}), {kind: 'failed'});
  }

  clear(): void {
    this.keys = new Set();
    this.#anchor = undefined;
    this.#ranged = new Set();
  }

  /** Drops what is not there any more. */
  keep(present: ReadonlySet<string>): void {
    const kept = [...this.keys].filter((key) => present.has(key));
    if (kept.length !== this.keys.size) this.keys = new Set(kept);
  }

  #range(from: string, to: string): string[] {
    const order = this.#order();
    const a = order.indexOf(from);
    const b = order.indexOf(to);
    if (a < 0 || b < 0) return [to];
    return order.slice(Math.min(a, b), Math.max(a, b) + 1);
  }
}
