// Bringing something to a name of a folder: where that is taken the user is asked.
import type {FileInfo} from '../../api/client';
import {asProblem} from '../../api/problem';
import {type Resolver, type Side, sideOf} from './conflicts.svelte';
import {type Existing, metaOf} from './existing';
import {freeName, join} from './paths';

export interface Placing {
  /** The name that it is to have. */
  name: string;
  kind: FileInfo['kind'];
  coming: Side;
  folder: string;
  put: (to: string, overwrite: boolean) => Promise<FileInfo>;
  resolver: Resolver;
  /** How many more of the job may come to the same. */
  others: number;
  /** What is there, as far as it is known beforehand. */
  existing?: Existing;
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
  const {folder, put, resolver, others, existing, coming} = placing;
  let keepBoth = placing.keepBoth ?? false;
  let overwrite = false;
  let name = placing.name;
  const tried = new Set<string>(keepBoth ? [name] : []);
  for (;;) {
    if (keepBoth) name = freeName(placing.name, (n) => tried.has(n));
    let there = overwrite ? undefined : await existing?.at(join(folder, name));
    if (!there)
      try {
        const info = await put(join(folder, name), overwrite);
        await existing?.add(info);
        return {info, replaced: overwrite};
      } catch (error) {
        if (asProblem(error).code !== 'already_exists') throw error;
      }
    tried.add(name);
    if (keepBoth) continue;
    there ??= await metaOf(join(folder, name));
    const mayReplace = placing.kind === 'file' && there?.kind === 'file';
    const areFolders = placing.kind === 'directory' && there?.kind === 'directory';
    const choice = await resolver.choose({
      name, folder, mayReplace, areFolders, others, coming, there: there && sideOf(there)
    });
    if (choice === 'skip') return undefined;
    keepBoth = choice === 'both';
    overwrite = choice === 'replace';
  }
}
