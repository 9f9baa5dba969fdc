// What was picked or dropped and is not at the server, nor begun there: with the page its files go,
// and the next page says which those were.
import type {Bearer} from '../api/client';
import {claim, isFree} from './claims';
import {type Batch, batchOf, countOf, type Head, kFiles, merged, parse, without} from './missing';
import type {Upload} from './upload.svelte';

/** Of an earlier page. */
export interface Unsent extends Batch {
  sender: Bearer;
}

/** What this page sends of one pick or drop. */
interface Sending extends Head {
  missing: Set<string>;
  room: number;
  release: () => void;
}

const kStored = 'baluhost.unsent ';
const kBatches = 20;
/** Characters of all. */
const kRoom = 1_000_000;
/** How long what has come to be there may be kept as missing, ms: of very many longer. */
const kDelay = 300;
const kLongDelay = 2_000;

/** The oldest first. */
function stored(): Batch[] {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(kStored)).sort();
    return keys.map((key) => parse(localStorage.getItem(key))).filter((batch) => !!batch);
  } catch {
    return [];
  }
}

function drop(id: string): void {
  localStorage.removeItem(kStored + id);
}

function store(batch: Batch): void {
  const {sender: _, ...kept} = batch as Unsent;
  try {
    localStorage.setItem(kStored + batch.id, JSON.stringify(kept));
  } catch {
    // No room: the next page does not know of it.
  }
}

class AllUnsent {
  all = $state.raw<Unsent[]>([]);
  #of = new WeakMap<Upload, {batch: Sending; path: string}>();
  #changed = new Set<Sending>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    addEventListener('pagehide', () => this.#write());
    // Another tab shows the same: what is chosen there is not asked for here.
    addEventListener('storage', ({key, newValue}) => {
      if (key?.startsWith(kStored)) this.#show(key.slice(kStored.length), parse(newValue));
    });
  }

  /** Keeps in mind what is to be sent; what was to be before, and is picked again, no more. */
  begin(uploads: Upload[], paths: string[], folder: string, owner: string): void {
    const below = folder.length + 1;
    for (const isFolder of [false, true]) {
      const some = uploads.filter(({path}) => path.includes('/', below) === isFolder);
      if (some.length > 0) this.#keep(some, {id: newId(), owner, folder, isFolder});
    }
    for (const batch of this.all) {
      const left = batch.owner === owner ? without(batch, paths, folder) : batch;
      if (left === batch) continue;
      if (countOf(left) === 0) this.dismiss(batch);
      else {
        this.#show(batch.id, left);
        store(left);
      }
    }
  }

  /** It is there, or not wanted, or is kept in mind by itself. */
  settle(upload: Upload): void {
    const {batch, path} = this.#of.get(upload) ?? {};
    if (!batch || !path) return;
    this.#of.delete(upload);
    batch.missing.delete(path);
    this.#changed.add(batch);
    if (batch.missing.size === 0) return this.#write();
    const delay = batch.missing.size > kFiles ? kLongDelay : kDelay;
    this.#timer ??= setTimeout(() => this.#write(), delay);
  }

  /** What `owner` had, but for what another tab sends. */
  async recall(owner: string, sender: Bearer): Promise<void> {
    const free: Batch[] = [];
    for (const batch of stored())
      if (batch.owner === owner && (await isFree(batch.id))) free.push(batch);
    // Without locks one of them may be what another tab sends.
    const all = 'locks' in navigator ? merged(free) : free;
    for (const batch of free) {
      const now = all.find(({id}) => id === batch.id);
      if (!now) drop(batch.id);
      else if (now !== batch) store(now);
    }
    this.all = [...this.all, ...all.map((batch) => ({...batch, sender}))];
  }

  dismiss(batch: Batch): void {
    this.#show(batch.id, undefined);
    drop(batch.id);
  }

  #show(id: string, now: Batch | undefined): void {
    this.all = this.all.flatMap((batch) => {
      if (batch.id !== id) return [batch];
      return now ? [{...now, sender: batch.sender}] : [];
    });
  }

  #keep(uploads: Upload[], head: Head): void {
    const others = stored();
    for (const {id} of others.slice(0, Math.max(0, others.length - kBatches + 1))) drop(id);
    const room = kRoom - others.reduce((sum, batch) => sum + JSON.stringify(batch).length, 0);
    const batch = {...head, missing: new Set<string>(), room, release: claim(head.id)};
    for (const upload of uploads) {
      const path = upload.path.slice(head.folder.length + 1).normalize('NFC');
      batch.missing.add(path);
      this.#of.set(upload, {batch, path});
    }
    this.#changed.add(batch);
    this.#write();
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const {missing, room, release, ...head} of this.#changed)
      if (missing.size === 0) {
        drop(head.id);
        release();
      } else store(batchOf(head, missing, room));
    this.#changed.clear();
  }
}

/** In the order of time. */
const newId = () => `${Date.now()}-${Math.random()}`;

export const unsent = new AllUnsent();
