// What one does to files, one call each; where a name is taken the user is asked.
import {api, ask, type Client, type FileInfo} from '../../api/client';
import {asProblem} from '../../api/problem';
import {Resolver} from '../../lib/conflicts.svelte';
import {contentUrl, freeName, join, nameOf, parentOf} from '../../lib/paths';

export type Placing = 'move' | 'copy';

export function makeFolder(folder: string, name: string): Promise<FileInfo> {
  return ask(api.POST('/api/v1/dirs/{path}', {params: {path: {path: join(folder, name)}}}));
}

export function place(how: Placing, from: string, to: string, overwrite = false) {
  const body = {from, to, overwrite};
  return how === 'move'
    ? ask(api.POST('/api/v1/actions/move', {body}))
    : ask(api.POST('/api/v1/actions/copy', {body}));
}

export interface Placed {
  from: string;
  info: FileInfo;
  /** What was there is gone: it cannot be undone by moving back alone. */
  replaced: boolean;
}

/** Moves or copies all to a folder. What fails ends it: it is thrown, with what was done before in
 *  `done`. */
export async function placeAll(
  how: Placing, items: FileInfo[], folder: string, done: Placed[]
): Promise<void> {
  const resolver = new Resolver();
  for (const [i, item] of items.entries()) {
    const placed = await placeOne(how, item, folder, resolver, items.length - i - 1);
    if (placed) done.push(placed);
  }
}

async function placeOne(
  how: Placing, item: FileInfo, folder: string, resolver: Resolver, others: number
): Promise<Placed | undefined> {
  // A copy beside itself is always a second one.
  let keepBoth = how === 'copy' && parentOf(item.path) === folder;
  let overwrite = false;
  let name = item.name;
  const tried = new Set<string>(keepBoth ? [name] : []);
  for (;;) {
    if (keepBoth) name = freeName(item.name, (n) => tried.has(n));
    try {
      const info = await place(how, item.path, join(folder, name), overwrite);
      return {from: item.path, info, replaced: overwrite};
    } catch (error) {
      if (asProblem(error).code !== 'already_exists') throw error;
      tried.add(name);
      if (keepBoth) continue;
      const choice = await resolver.choose(name, await isFile(join(folder, name), item), others);
      if (choice === 'skip') return undefined;
      keepBoth = choice === 'both';
      overwrite = choice === 'replace';
    }
  }
}

/** Whether both are files, so that one may take the other's place. */
async function isFile(path: string, item: Pick<FileInfo, 'kind'>): Promise<boolean> {
  if (item.kind !== 'file') return false;
  return (await metaOf(path))?.kind === 'file';
}

export async function metaOf(path: string): Promise<FileInfo | undefined> {
  try {
    return await ask(api.GET('/api/v1/meta/{path}', {params: {path: {path}}}));
  } catch (error) {
    if (asProblem(error).code === 'not_found') return undefined;
    throw error;
  }
}

export async function removeAll(items: FileInfo[], done: (item: FileInfo) => void): Promise<void> {
  for (const item of items) {
    const recursive = item.kind === 'directory';
    const params = {path: {path: item.path}, query: {recursive, permanent: true}};
    await ask(api.DELETE('/api/v1/files/{path}', {params}));
    done(item);
  }
}

/** Starts a download of the browser's own. */
function follow(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
}

/** A file as it is; a folder, or several, as one archive. */
export async function download(items: FileInfo[], client: Client = api, title?: string) {
  const [only] = items;
  if (!only) return;
  if (items.length === 1 && only.kind === 'file') return follow(contentUrl(only.path), only.name);
  const folder = nameOf(parentOf(only.path));
  const name = title ?? (items.length === 1 ? only.name : folder || only.name);
  const body = {paths: items.map((item) => item.path), name};
  const archive = await ask(client.POST('/api/v1/archives', {body}));
  follow(archive.url, `${name}.zip`);
}
