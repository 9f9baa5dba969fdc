// What one does to entries of the folder that is shown: done, shown, said, with a way back.
import {tick} from 'svelte';
import type {FileInfo} from '../../api/client';
import {asProblem, Problem} from '../../api/problem';
import {isFree} from '../../lib/page/focus';
import {announcer, toasts} from '../../lib/page/toasts.svelte';
import {t, tn} from '../../lib/language/i18n.svelte';
import {visible} from '../../lib/language/visible';
import {folderHref, join, nameOf, parentOf} from '../../lib/files/paths';
import {folderName} from '../../lib/files/places';
import {job, stopped} from '../../lib/page/job';
import {router} from '../../lib/page/router.svelte';
import {kTrash, placeOf, restoreAll} from '../../lib/files/trash';
import {inWords} from '../../lib/language/words';
import {
  download, makeFolder, type Placed, place, placeAll, type Placing, tryName
} from './actions';
import {type Gone, keepsTrash, remove} from './dialogs/deletion';
import type {Folder} from './folder.svelte';

/** `again`: what is left of it, which takes things from `at`. */
export function failed(error: unknown, again?: () => void, at: string[] = []): void {
  const actions = again ? [{label: t('error.retry'), run: again}] : [];
  toasts.show(inWords(error), {kind: 'failed', actions, at});
}

/** Has the focus not gone on to something else, from a field of a name? */
export const isNowhereElse = () =>
  isFree() || document.activeElement!.matches('[role=grid], .rename *');

export class Work {
  #deleting = false;
  /** The server is asked for another name. */
  #isRenaming = false;
  /** As `folder.renaming`, which to what is on its way out is still what it was. */
  #renaming: FileInfo | undefined;
  /** In its field. */
  typed = '';

  constructor(private readonly folder: Folder) {
    folder.onleave = () => this.keepRename();
  }

  open(item: FileInfo): void {
    if (item.kind === 'directory') router.go(folderHref(item.path));
    else router.open(item.path, folderHref(item.path));
  }

  async save(items: FileInfo[]): Promise<void> {
    await download(items).catch((error) => {
      failed(error);
      this.folder.refreshSoon();
    });
  }

  async newFolder(name: string): Promise<void> {
    const {folder} = this;
    this.#mustBeFree(name);
    const info = await makeFolder(folder.path, name);
    folder.asking = undefined;
    folder.listing.put(info);
    folder.refreshSoon();
    announcer.say(t('files.folder_made', {name: info.name}));
    await folder.entries?.focusKey(info.path);
  }

  /** In its place, which comes into view. */
  async startRename(item: FileInfo): Promise<void> {
    this.keepRename();
    await this.folder.entries?.focusKey(item.path);
    this.typed = item.name;
    this.#rename(item);
  }

  isRenaming(path: string): boolean {
    return this.#renaming?.path === path;
  }

  #rename(item?: FileInfo): void {
    this.#renaming = item;
    this.folder.renaming = item;
  }

  #endRename(path: string): void {
    if (this.isRenaming(path)) this.#rename();
  }

  /** Its field goes: what is typed in it is kept. */
  keepRename(): void {
    const item = this.#renaming;
    this.#rename();
    if (item && this.typed !== item.name && !this.#isRenaming)
      void this.renameInPlace(item, this.typed);
  }

  /** Its row went with what somebody else did. */
  async loseRename({path}: FileInfo): Promise<void> {
    this.#rename();
    if (this.#isRenaming) return; // the answer tells
    toasts.show(t('files.rename_lost', {name: nameOf(path)}), {kind: 'failed'});
    await tick();
    await this.#focus(path);
  }

  /** What is wrong with the name, in words: then it is still asked for. Where its field is gone, a
   *  message says it. */
  async renameInPlace(item: FileInfo, name: string): Promise<string | undefined> {
    const {folder} = this;
    if (name.normalize('NFC') === item.name) {
      const isHere = isNowhereElse();
      this.#endRename(item.path);
      if (isHere) await folder.entries?.focusKey(item.path);
      return undefined;
    }
    const fault = await tryName(name, () => this.#move(item, name));
    if (!fault || this.isRenaming(item.path)) return fault;
    toasts.show(`${visible(name || item.name)}: ${fault}`, {kind: 'failed'});
    await this.#focus(item.path);
    return undefined;
  }

  async #move(item: FileInfo, name: string): Promise<void> {
    const {folder} = this;
    this.#mustBeFree(name);
    this.#isRenaming = true;
    const info = await place('move', item.path, join(parentOf(item.path), name))
      .catch((error) => {
        if (asProblem(error).status === 404) folder.refreshSoon();
        throw error;
      })
      .finally(() => (this.#isRenaming = false));
    const isHere = this.#isHere(item.path);
    this.#remove(item.path);
    folder.listing.put(info);
    folder.refreshSoon();
    if (folder.selection.has(item.path)) folder.selection.clear();
    toasts.show(t('files.renamed', {name: info.name}), {
      actions: [{label: t('files.undo'), run: () => void this.#undo([{from: item.path, info}])}],
      at: [info.path]
    });
    if (isHere) await folder.entries?.focusKey(info.path);
  }

  place(how: Placing, items: FileInfo[]): void {
    this.folder.asking = {kind: 'place', how, items};
  }

  async put(how: Placing, items: FileInfo[], to: string): Promise<void> {
    const {folder} = this;
    const {listing} = folder;
    folder.asking = undefined;
    const done: Placed[] = [];
    const at = listing.items.findIndex((item) => item.path === items[0]?.path);
    let rest: FileInfo[] = [];
    await placeAll(how, items, to, done).catch((error) => {
      const placed = new Set(done.map(({from}) => from));
      rest = items.filter(({path}) => !placed.has(path));
      stopped(error, rest.length, items.length, () => void this.put(how, rest, to));
    });
    folder.refreshSoon();
    for (const {from, info} of done) {
      if (how === 'move') this.#remove(from);
      listing.put(info);
    }
    folder.selection.only(rest.map(({path}) => path));
    const made = done.find(({info}) => parentOf(info.path) === folder.path);
    // Unless one went on to something else meanwhile.
    if (isFree() || document.activeElement!.closest('[role=grid]'))
      await (made ? folder.entries?.focusKey(made.info.path) : folder.entries?.focusRow(at));
    if (done.length === 0) return;
    const name = folderName(to);
    const text = how === 'move' ? tn('files.moved', done.length, {to: name})
                                : tn('files.copied', done.length, {to: name});
    const mayUndo = how === 'move' && done.every(({replaced}) => !replaced);
    const undo = {label: t('files.undo'), run: () => void this.#undo(done)};
    toasts.show(text, mayUndo ? {actions: [undo], at: done.map(({info}) => info.path)} : {});
  }

  /** At once where there is a way back, else after a dialog that names it. */
  async askToDelete(items: FileInfo[]): Promise<void> {
    if (this.#deleting) return;
    this.#deleting = true;
    try {
      if (await keepsTrash()) await this.remove(items, false);
      else this.folder.asking = {kind: 'delete', items};
    } catch (error) {
      failed(error);
    }
    this.#deleting = false;
  }

  async remove(items: FileInfo[], forGood: boolean): Promise<void> {
    const {folder} = this;
    const {path} = folder;
    folder.asking = undefined;
    const at = folder.listing.items.findIndex((item) => item.path === items[0]?.path);
    const gone: FileInfo[] = [];
    const done = (item: FileInfo) => {
      gone.push(item);
      this.#remove(item.path);
    };
    let rest: FileInfo[] = [];
    const trashed = await remove(items, forGood, done, (error) => {
      const all = new Set(gone);
      rest = items.filter((item) => !all.has(item));
      stopped(error, rest.length, items.length, () => void this.remove(rest, forGood));
    });
    // One may have gone on to another folder.
    const isHere = folder.path === path;
    if (isHere) folder.refreshSoon();
    if (isHere) folder.selection.only(rest.map((item) => item.path));
    if (gone.length === 0) return;
    const {name} = gone[0]!;
    if (trashed) {
      const undo = {label: t('files.undo'), run: () => void this.#bringBack(trashed)};
      toasts.show(tn('files.trashed', gone.length, {name}), {
        actions: [undo],
        at: trashed.entries.length > 0 ? trashed.entries.map(placeOf) : [kTrash]
      });
    } else toasts.show(tn('files.deleted', gone.length, {name}));
    if (isHere) await folder.entries?.focusRow(at);
  }

  #remove(path: string): void {
    this.#endRename(path);
    this.folder.listing.remove(path);
  }

  #isHere(path: string): boolean {
    return isNowhereElse() && parentOf(path) === this.folder.path;
  }

  /** Goes to what came back, where the message went that had the focus. */
  async #focus(path: string): Promise<void> {
    if (this.#isHere(path)) await this.folder.entries?.focusKey(path);
  }

  /** What is known beforehand is no failure on the record. */
  #mustBeFree(name: string): void {
    if (this.folder.listing.has(name.normalize('NFC'))) throw new Problem(409, 'already_exists');
  }

  async #undo(done: {from: string; info: FileInfo}[]): Promise<void> {
    const {listing} = this.folder;
    const left = [...done];
    try {
      await job('files.moving', done.length, async (step) => {
        for (let last = left.at(-1); last; last = left.at(-1)) {
          const back = await place('move', last.info.path, last.from);
          listing.remove(last.info.path);
          listing.put(back);
          left.pop();
          step();
        }
      });
    } catch (error) {
      failed(error, () => void this.#undo(left), left.map(({info}) => info.path));
    }
    await this.#sayBack(done.slice(left.length).map(({from}) => from));
  }

  async #bringBack({entries, find}: Gone): Promise<void> {
    const back: string[] = [];
    const left = new Set(entries);
    try {
      if (left.size === 0) for (const entry of (await find()) ?? []) left.add(entry);
      await restoreAll([...left], (entry, info) => {
        left.delete(entry);
        back.push(info.path);
        this.folder.listing.put(info);
      });
    } catch (error) {
      const rest = [...left];
      failed(error, () => void this.#bringBack({entries: rest, find}), rest.map(placeOf));
    }
    await this.#sayBack(back);
  }

  async #sayBack([first, ...others]: string[]): Promise<void> {
    if (first === undefined) return;
    this.folder.refreshSoon();
    toasts.show(tn('files.back', 1 + others.length, {name: nameOf(first)}));
    await this.#focus(first);
  }
}
