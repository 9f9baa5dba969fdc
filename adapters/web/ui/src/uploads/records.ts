// What of an upload outlives a reload: where it is at the server, and by what its file is known
// again. The bytes themselves a browser does not keep for a page.
import type {Prefix} from './digest';

export interface Record {
  url: string;
  path: string;
  /** Where it was to go before its name was found to be taken. */
  target: string;
  name: string;
  size: number;
  lastModified: number;
  /** No byte from here on was sent, and the digest of its `Prefix` up to there. */
  end: number;
  digest: string;
  /** A user, or `/s/` and the share of a link. */
  owner: string;
}

export function recordOf(file: File, target: string, owner: string): Record {
  const {name, size, lastModified} = file;
  return {url: '', path: target, target, name, size, lastModified, end: 0, digest: '', owner};
}

const kStored = 'baluhost.uploads';

export function records(): Record[] {
  try {
    const all: unknown = JSON.parse(localStorage.getItem(kStored) ?? '[]');
    return Array.isArray(all) ? (all as Record[]) : [];
  } catch {
    return [];
  }
}

export function keep(record: Record): void {
  const others = records().filter((r) => r.url !== record.url);
  localStorage.setItem(kStored, JSON.stringify([...others, record].slice(-200)));
}

export function forget(url: string): void {
  localStorage.setItem(kStored, JSON.stringify(records().filter((r) => r.url !== url)));
}

/** Does it look like the file that the record is of? */
export function isLike(record: Record, file: File): boolean {
  return record.name === file.name && record.size === file.size &&
    record.lastModified === file.lastModified;
}

/** Does it begin as what was sent? One of the same name, size and time may hold something else. */
export async function isSame({end, digest}: Record, prefix: Prefix): Promise<boolean> {
  return prefix.reach(end).then(() => prefix.digest === digest, () => false);
}
