// Bringing something to a name of a folder: where that is taken the user is asked.
import {api, ask, type FileInfo} from '../api/client';
import {asProblem} from '../api/problem';
import type {Resolver} from './conflicts.svelte';
import {freeName, join} from './paths';

export interface Placing {
  /** The name that it is to have. */
  name: string;
  kind: FileInfo['kind'];
  folder: string;
  put: (to: string, overwrite: boolean) => Promise<FileInfo>;
  resolver: Resolver;
  /** How many more of the job may come to the same. */
  others: number;
  /** The name is taken for sure. */
  keepBoth?: boolean;
}

export interface Put {
  info: FileInfo;
  /** What was there has lost its place: moving back alone does not undo it. */
  replaced: boolean;
}

/** undefined: it is left as it is. */
export async function putAt(placing: Placing): Promise<Put | undefined> {
  const {folder, put, resolver, others} = placing;
  let keepBoth = placing.keepBoth ?? false;
  let overwrite = false;
  let name = placing.name;
  const tried = new Set<string>(keepBoth ? [name] : []);
  for (;;) {
    if (keepBoth) name = freeName(placing.name, (n) => tried.has(n));
    try {
      return {info: await put(join(folder, name), overwrite), replaced: overwrite};
    } catch (error) {
      if (asProblem(error).code !== 'already_exists') throw error;
      tried.add(name);
      if (keepBoth) continue;
      const mayReplace = await isFile(join(folder, name), placing.kind);
      const choice = await resolver.choose(name, mayReplace, others);
      if (choice === 'skip') return undefined;
      keepBoth = choice === 'both';
      overwrite = choice === 'replace';
    }
  }
}

/** Whether both are files, so that one may take the other's place. */
async function isFile(path: string, kind: FileInfo['kind']): Promise<boolean> {
  if (kind !== 'file') return false;
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
