// What lies where an upload goes, beside what is to come.
import type {FileInfo} from '../api/client';
import {asProblem, Problem} from '../api/problem';
import {freeName, join, parentOf} from '../lib/files/paths';
import {session} from '../lib/session/session.svelte';
import {sha256Of} from './digest';
import {isReadable} from './sources';
import {look} from './transfer';
import type {Upload} from './upload.svelte';

/** What has its name, looked for once: what comes there later, the server tells of. */
export async function inTheWay(upload: Upload): Promise<FileInfo | undefined> {
  if (upload.looked || upload.record?.url) return undefined;
  const there = await upload.existing?.at(upload.path);
  upload.looked = there === undefined;
  return there;
}

/** Why it failed: what was not answered may be for want of a line, or of the file. */
export async function reasonOf({file}: Upload, error: unknown): Promise<Problem> {
  const problem = asProblem(error);
  const isHere = problem.status > 0 || !file || (await isReadable(file));
  return isHere ? problem : new Problem(0, 'changed');
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

/** Did parts of two files come together? They may where the samples of both are the same. A
 *  stranger may not see what is there. */
export async function isMixed(upload: Upload): Promise<boolean> {
  if (upload.sender !== session) return false;
  const there = await look(upload.sender, upload.path).catch(() => undefined);
  return !!there?.sha256 && there.sha256 !== (await sha256Of(upload.file!));
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
