// What was picked or dropped and is not at the server, nor begun there: with the page its files go,
// and the next page says how many those were.
import type {Bearer} from '../api/client';
import {claim, isFree} from './claims';
import type {Source} from './sources';
import type {Upload} from './upload.svelte';

/** Of one pick or drop. */
interface Batch {
  id: string;
  owner: string;
  folder: string;
  /** Some of what was picked. */
  names: string[];
  isFolder: boolean;
  count: number;
}

/** Of an earlier page. */
export interface Unsent extends Batch {
  sender: Bearer;
}

const kStored = 'baluhost.unsent';
const kNames = 3;

function stored(): Batch[] {
  try {
    const all: unknown = JSON.parse(localStorage.getItem(kStored) ?? '[]');
    return Array.isArray(all) ? (all as Batch[]) : [];
  } catch {
    return [];
  }
}

function store(batch: Batch): void {
  const others = stored().filter(({id}) => id !== batch.id);
  const all = batch.count > 0 ? [...others, batch] : others;
  localStorage.setItem(kStored, JSON.stringify(all.slice(-20)));
}

const topsOf = (paths: string[]) => [...new Set(paths.map((path) => path.split('/', 1)[0]!))];

class AllUnsent {
  all = $state.raw<Unsent[]>([]);
  #settled = new WeakMap<Upload, () => void>();

  /** Keeps in mind what is to be sent; what was to be before, and is picked again, no more. */
  begin(uploads: Upload[], paths: string[], folder: string, owner: string): void {
    const names = topsOf(paths);
    for (const batch of this.all)
      if (batch.folder === folder && batch.owner === owner &&
          batch.names.every((name) => names.includes(name))) this.dismiss(batch);
    if (uploads.length === 0) return;
    const batch: Batch = {
      id: String(Math.random()), owner, folder, names: names.slice(0, kNames),
      isFolder: paths.some((path) => path.includes('/')), count: uploads.length
    };
    const release = claim(batch.id);
    store(batch);
    for (const upload of uploads)
      this.#settled.set(upload, () => {
        batch.count -= 1;
        store(batch);
        if (batch.count === 0) release();
      });
  }

  /** It is there, or not wanted, or is kept in mind by itself. */
  settle(upload: Upload): void {
    this.#settled.get(upload)?.();
    this.#settled.delete(upload);
  }

  /** What `owner` had, but for what another tab sends. */
  async recall(owner: string, sender: Bearer): Promise<void> {
    for (const batch of stored())
      if (batch.owner === owner && (await isFree(batch.id)))
        this.all = [...this.all, {...batch, sender}];
  }

  dismiss(batch: Batch): void {
    this.all = this.all.filter(({id}) => id !== batch.id);
    store({...batch, count: 0});
  }
}

/** Is something of the batch among what was picked? */
export function isOf(batch: Batch, sources: Source[]): boolean {
  return topsOf(sources.map(({path}) => path)).some((name) => batch.names.includes(name));
}

export const unsent = new AllUnsent();
