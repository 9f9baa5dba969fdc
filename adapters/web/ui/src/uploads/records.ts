// What of an upload outlives a reload: where it is at the server, and by what its file is known
// again. The bytes themselves a browser does not keep for a page.

export interface Record {
  url: string;
  path: string;
  name: string;
  size: number;
  lastModified: number;
  user: string;
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

/** Is it the file that the record is of? */
export function isSame(record: Record, file: File): boolean {
  return record.name === file.name && record.size === file.size &&
    record.lastModified === file.lastModified;
}
