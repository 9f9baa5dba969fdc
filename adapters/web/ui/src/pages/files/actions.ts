// What one does to files, one call each; where a name is taken the user is asked.
import {api, ask, type Client, type FileInfo} from '../../api/client';
import {Resolver, sideOf} from '../../lib/files/conflicts.svelte';
import {Existing} from '../../lib/files/existing';
import {contentUrl, join, nameFault, nameOf, parentOf} from '../../lib/files/paths';
import {t} from '../../lib/language/i18n.svelte';
import {inWords} from '../../lib/language/words';
import {job} from '../../lib/page/job';
import {patiently} from '../../lib/page/patience';
import {type Put, putAt} from '../../lib/files/placing';
import {kTrash} from '../../lib/files/trash';
import {toasts} from '../../lib/page/toasts.svelte';

export type Placing = 'move' | 'copy';

/** Does something with a name; what is wrong, in words, where it cannot. */
export async function tryName(
  name: string, act: (name: string) => Promise<void>
): Promise<string | undefined> {
  const fault = nameFault(name);
  if (fault) return t(`name.${fault}`);
  return act(name).then(() => undefined, inWords);
}

export function makeFolder(folder: string, name: string): Promise<FileInfo> {
  return ask(api.POST('/api/v1/dirs/{path}', {params: {path: {path: join(folder, name)}}}));
}

export async function place(how: Placing, from: string, to: string, overwrite = false) {
  const body = {from, to, overwrite};
  if (how === 'copy') return ask(api.POST('/api/v1/actions/copy', {body}));
  const info = await ask(api.POST('/api/v1/actions/move', {body}));
  toasts.outdate(from);
  return info;
}

export interface Placed extends Put {
  from: string;
}

/** Moves or copies all to a folder. What fails ends it: it is thrown, with what was done before in
 *  `done`. */
export async function placeAll(
  how: Placing, items: FileInfo[], folder: string, done: Placed[]
): Promise<void> {
  const resolver = new Resolver();
  const existing = new Existing(folder, items.length);
  await job(how === 'move' ? 'files.moving' : 'files.copying', items.length, async (step) => {
    for (const [i, item] of items.entries()) {
      const placed = await placeOne(how, item, folder, {
        resolver, existing, others: items.length - i - 1
      });
      if (placed) done.push({from: item.path, ...placed});
      step();
    }
  });
}

function placeOne(
  how: Placing, item: FileInfo, folder: string,
  job: {resolver: Resolver; existing: Existing; others: number}
) {
  return putAt({
    name: item.name,
    kind: item.kind,
    folder,
    put: (to, overwrite) => place(how, item.path, to, overwrite),
    coming: sideOf(item),
    ...job,
    // A copy beside itself is always a second one.
    keepBoth: how === 'copy' && parentOf(item.path) === folder
  });
}

/** Into the trash, where there is one; `permanent`: past it. */
export async function removeAll(
  items: FileInfo[], permanent: boolean, done: (item: FileInfo) => void
): Promise<void> {
  await job('files.deleting', items.length, async (step) => {
    for (const item of items) {
      const query = {recursive: item.kind === 'directory', permanent};
      const params = {path: {path: item.path}, query};
      await patiently(() => ask(api.DELETE('/api/v1/files/{path}', {params})));
      toasts.outdate(item.path);
      done(item);
      step();
    }
  }, permanent ? [] : [kTrash]);
}

/** Starts a download of the browser's own. */
export function follow(url: string, name: string): void {
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
  if (items.length === 1 && only.kind === 'file') {
    // The browser's download tells of no page that the file is gone.
    await ask(client.GET('/api/v1/meta/{path}', {params: {path: {path: only.path}}}));
    return follow(contentUrl(only.path), only.name);
  }
  const folder = nameOf(parentOf(only.path));
  const name = title ?? (items.length === 1 ? only.name : folder || only.name);
  const body = {paths: items.map((item) => item.path), name};
  const archive = await ask(client.POST('/api/v1/archives', {body}));
  follow(archive.url, `${name}.zip`);
}
