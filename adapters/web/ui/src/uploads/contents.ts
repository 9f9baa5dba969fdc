// What lies where an upload goes, beside what is to come.
import {api, ask, type Bearer, type FileInfo} from '../api/client';
import {asProblem, Problem} from '../api/problem';
import {freeName, join, nameOf, parentOf} from '../lib/files/paths';
import {session} from '../lib/session/session.svelte';
import {sha256Of} from './digest';
import {isReadable} from './sources';
import {look, offsetOf} from './transfer';
import type {Upload} from './upload.svelte';

/** What has its name, looked for once: what comes there later, the server tells of. */
export async function inTheWay(upload: Upload): Promise<FileInfo | undefined> {
  if (upload.looked || upload.record?.url) return undefined;
  const there = await upload.existing?.at(upload.path);
  upload.looked = there === undefined;
  return there;
}

/** Why it failed: what was not answered may be for want of a line, or of the file. */
export async function reasonOf({file, tries}: Upload, error: unknown): Promise<Problem> {
  const problem = asProblem(error);
  if (problem.status > 0 || !file) return problem;
  let isHere = !isOfReading(error) && (await isReadable(file));
  if (isHere && file.size === 0 && tries > 0) isHere = !(await isOnline());
  return isHere ? problem : new Problem(0, 'changed');
}

const isOfReading = (error: unknown) =>
  error instanceof DOMException && /^Not(Found|Readable)Error$/.test(error.name);

/** Of an empty file it cannot always be read whether it is there: it is not where all else goes. */
async function isOnline(): Promise<boolean> {
  return fetch('/icon.svg', {method: 'HEAD', cache: 'no-store'}).then(() => true, () => false);
}

/** Has the file at its path this very content? */
export async function isContentOf(
  there: FileInfo | undefined, {file, size}: Upload
): Promise<boolean> {
  if (there?.kind !== 'file' || there.size !== size || !file) return false;
  return there.sha256 === (await sha256Of(file));
}

/** Has the server this very content at its path? */
export async function isThere(upload: Upload): Promise<boolean> {
  try {
    return await isContentOf(await look(upload.sender, upload.path), upload);
  } catch {
    return false; // it is asked for again with the next try
  }
}

/** How much of each is there; of what is not told, none is said to be. */
export async function askOffsets(lost: Upload[], sender: Bearer): Promise<void> {
  if (lost.length === 0) return;
  if (sender !== session) { // who is told of none but by its address
    for (const upload of lost)
      upload.sent = await offsetOf(sender, upload.record!.url).catch(() => 0);
    return;
  }
  const begun = await ask(api.GET('/api/v1/uploads', {params: {query: {limit: 1000}}}))
    .catch(() => undefined);
  const offsets = new Map(begun?.items.map(({id, offset}) => [id, offset]));
  for (const upload of lost)
    upload.sent = Math.max(upload.sent, offsets.get(nameOf(upload.record!.url)) ?? 0);
}

/** A path beside its own that nothing has, and none of `others` is to have. */
export async function freePath(upload: Upload, others: Upload[]): Promise<string> {
  const folder = parentOf(upload.path);
  const tried = new Set<string>();
  for (;;) {
    const path = join(folder, freeName(upload.file!.name, (n) => tried.has(join(folder, n))));
    const taken = await lookFor(upload, path).catch(() => undefined);
    if (!taken && !others.some((u) => u !== upload && u.path === path)) return path;
    tried.add(path);
  }
}

function lookFor(upload: Upload, path: string): Promise<FileInfo | undefined> {
  return upload.existing ? upload.existing.at(path) : look(upload.sender, path);
}
