// All uploads of this tab, whatever page is shown: a few at a time, tried again until they are
// there, and known again after a reload.
import {untrack} from 'svelte';
import type {Bearer, FileInfo} from '../api/client';
import {Problem} from '../api/problem';
import {Resolver, sideOf} from '../lib/files/conflicts.svelte';
import {Existing} from '../lib/files/existing';
import {t, tn} from '../lib/language/i18n.svelte';
import {join, parentOf} from '../lib/files/paths';
import {announcer, toasts} from '../lib/page/toasts.svelte';
import {session} from '../lib/session/session.svelte';
import {claim, isFree} from './claims';
import {
  askOffsets, freePath, inTheWay, isContentOf, isThere, reasonOf
} from './contents';
import {Prefix} from './digest';
import {backoff, Rate} from './rate';
import {forget, isLike, isSame, keep, recordOf, records} from './records';
import {send} from './sending';
import type {Sources} from './sources';
import {discard, look, makeFolder} from './transfer';
import {unsent} from './unsent.svelte';
import {sayEnd, type State, unreadOf, Upload} from './upload.svelte';

const kAtOnce = 4;
const kLargeAtOnce = 2;

type Listener = (path: string) => void;

class Uploads {
  all = $state.raw<Upload[]>([]);
  /** Grows a few times a second while something is sent: what is shown follows it. */
  tick = $state(0);
  readonly rate = new Rate();
  #listeners = new Set<Listener>();
  #running = new Map<Upload, Promise<void>>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #recalled = new Set<string>();

  constructor() {
    addEventListener('beforeunload', (event) => {
      const isHere = ({sender}: Upload) => sender !== session || session.state === 'signed-in';
      if (this.all.some((upload) => upload.isOpen && isHere(upload))) event.preventDefault();
    });
    addEventListener('online', () => {
      for (const upload of this.all) if (upload.state === 'retrying') this.#again(upload);
    });
    // What ended with the session goes on with the next: of another person the page is loaded anew.
    $effect.root(() => {
      $effect(() => {
        if (session.state === 'signed-in') untrack(() => this.#signedIn());
      });
    });
  }

  /** Calls `listener` with the path of each file or folder that is there now; returns how to end
   *  that. */
  onstored(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Sends all to a folder, and goes on with what `owner`, a user or a link, had begun. */
  async add(sources: Sources, folder: string, sender: Bearer, owner: string): Promise<void> {
    const begun = sources.files.filter(({file, path}) =>
      this.#like(file, join(folder, path), owner).length > 0);
    const files = sources.files.filter((source) => !begun.includes(source));
    const fresh = this.#addAll({...sources, files}, folder, sender, owner);
    for (const source of begun)
      if (!(await this.#takeUp(source.file, join(folder, source.path), owner)))
        await this.#addAll({files: [source], folders: [], unread: []}, folder, sender, owner);
    await fresh;
  }

  async #addAll(sources: Sources, folder: string, sender: Bearer, owner: string): Promise<void> {
    const resolver = new Resolver();
    // A stranger with a link may not see what is there, and is asked nothing.
    const existing = sender === session ? new Existing(folder, sources.files.length) : undefined;
    const fresh: Upload[] = [];
    for (const {file, path} of sources.files) {
      const target = join(folder, path);
      const upload = new Upload(target, file.size, sender, resolver);
      upload.file = file;
      upload.existing = existing;
      if (upload.isLarge) upload.record = recordOf(file, target, owner);
      fresh.push(upload);
    }
    for (const {path, isFolder} of sources.unread)
      fresh.push(unreadOf(new Upload(join(folder, path), 0, sender, resolver), isFolder));
    const paths = [...sources.files, ...sources.unread].map(({path}) => path);
    unsent.begin(fresh, paths, folder, owner);
    this.all = [...this.all.filter((u) => !u.isOver), ...fresh];
    const count = sources.files.length;
    if (count > 0) announcer.say(tn('uploads.started', count));
    else if (sources.unread.length > 0) this.#over();
    this.#next();
    for (const path of sources.folders) {
      await makeFolder(sender, join(folder, path));
      this.#tell(join(folder, path));
    }
  }

  /** Goes on with a file that was chosen for it, wherever that lies; false: it is another. */
  async give(upload: Upload, file: File): Promise<boolean> {
    if (upload.isChanged) return this.#anew(upload, file);
    return !!upload.record && isLike(upload.record, file) && this.#goOn(upload, file);
  }

  /** Those of `owner` that a reload cut off, but for what another tab sends. */
  async recall(owner: string, sender: Bearer): Promise<void> {
    if (this.#recalled.has(owner)) return;
    this.#recalled.add(owner);
    await unsent.recall(owner, sender);
    for (const record of records()) {
      if (record.owner !== owner || !(await isFree(record.url))) continue;
      const upload = new Upload(record.path, record.size, sender, new Resolver());
      upload.record = record;
      if (sender === session) upload.existing = new Existing(parentOf(record.path), 1);
      upload.state = 'lost';
      this.all = [...this.all, upload];
    }
    await askOffsets(this.all.filter((u) => u.state === 'lost' && u.sender === sender), sender);
  }

  pause(upload: Upload): void {
    upload.stoodSince ??= Date.now();
    upload.state = 'paused';
    upload.abort.abort();
  }

  /** Goes on with what was paused, or failed. */
  resume(upload: Upload): void {
    upload.problem = undefined;
    upload.tries = 0;
    this.#enter(upload);
  }

  /** Takes it out of the list as soon as what the server has of it is gone. */
  async cancel(upload: Upload): Promise<void> {
    const url = upload.record?.url;
    const {isOpen} = upload;
    upload.state = url ? 'ending' : 'skipped';
    upload.abort.abort();
    if (url)
      try {
        await this.#running.get(upload); // until what it sends is broken off
        await discard(upload.sender, url);
      } catch {
        upload.state = 'unended';
        return;
      }
    upload.state = 'skipped';
    this.#finish(upload);
    this.all = this.all.filter((u) => u !== upload);
    this.#next();
    if (isOpen) this.#over();
  }

  /** All goes that is not about to go on, and what the server has of it. */
  async clear(): Promise<void> {
    this.all = this.all.filter((u) => !u.isOver);
    await Promise.all(this.all.map((u) => (u.state === 'ending' ? undefined : this.cancel(u))));
  }

  /** What was begun to this very place, with a file that looks like this one. */
  #like(file: File, target: string, owner: string): Upload[] {
    return this.all.filter((u) => u.needsFile && u.record?.owner === owner &&
      u.record.target === target && isLike(u.record, file));
  }

  /** Goes on with what was begun with this very file; false: it was another. */
  async #takeUp(file: File, target: string, owner: string): Promise<boolean> {
    for (const upload of this.#like(file, target, owner))
      if (upload.needsFile && (await this.#goOn(upload, file))) return true;
    toasts.show(t('uploads.another_file', {name: file.name}), {kind: 'failed'});
    return false;
  }

  /** Goes on with it where the file begins as what was sent. */
  async #goOn(upload: Upload, file: File): Promise<boolean> {
    const before = upload.state;
    const prefix = new Prefix(file);
    upload.state = 'comparing';
    const isIts = await isSame(upload.record!, prefix);
    const state = upload.state as State; // it may have been paused or cancelled
    if (isIts) Object.assign(upload, {file, prefix});
    if (state === 'comparing' && isIts) this.#enter(upload);
    else if (state === 'comparing' || state === 'paused') upload.state = isIts ? 'paused' : before;
    return isIts;
  }

  /** Sends the file that was changed, as it is now. */
  #anew(upload: Upload, file: File): boolean {
    if (file.name !== (upload.file?.name ?? upload.name)) return false;
    this.#drop(upload);
    upload.file = file;
    upload.prefix = undefined;
    upload.size = file.size;
    if (upload.record) {
      const {target, owner} = upload.record;
      upload.record = {...recordOf(file, target, owner), path: upload.path};
    }
    this.resume(upload);
    return true;
  }

  #signedIn(): void {
    for (const upload of this.all)
      if (upload.state === 'failed' && upload.sender === session && upload.problem?.status === 401)
        this.resume(upload);
  }

  #enter(upload: Upload): void {
    upload.abort = new AbortController();
    upload.state = 'waiting';
    this.#next();
  }

  #again(upload: Upload): void {
    if (upload.state === 'retrying') this.#enter(upload);
  }

  #next(): void {
    for (const upload of this.all) {
      if (this.#running.size >= kAtOnce) break;
      if (upload.state !== 'waiting' || !upload.file || this.#running.has(upload)) continue;
      const large = [...this.#running.keys()].filter((u) => u.isLarge).length;
      if (upload.isLarge && large >= kLargeAtOnce) continue;
      this.#running.set(upload, this.#run(upload));
    }
    if (this.#running.size > 0)
      this.#timer ??= setInterval(() => (this.tick += 1), 250);
    else {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.tick += 1;
    }
  }

  async #run(upload: Upload): Promise<void> {
    const {signal} = upload.abort;
    upload.state = 'sending';
    try {
      const there = await inTheWay(upload);
      signal.throwIfAborted();
      if (there) return await this.#clash(upload, there);
      await send(upload, signal, this.rate, (url) => this.#begun(upload, url));
      this.#stored(upload);
    } catch (error) {
      if (!signal.aborted) await this.#failed(upload, await reasonOf(upload, error));
    }
    this.#running.delete(upload);
    this.#next();
    this.#over();
  }

  #begun(upload: Upload, url: string): void {
    if (upload.isOver) return void discard(upload.sender, url).catch(() => {});
    upload.record ??= recordOf(upload.file!, upload.path, '');
    upload.record.url = url;
    if (upload.record.owner) {
      keep(upload.record);
      unsent.settle(upload);
    }
    upload.release ??= claim(url);
  }

  #stored(upload: Upload): void {
    upload.sent = upload.size;
    upload.state = 'done';
    this.#finish(upload);
    this.#tell(upload.path);
  }

  #finish(upload: Upload): void {
    if (upload.isOver) unsent.settle(upload);
    if (upload.record?.url) forget(upload.record.url);
    upload.release?.();
    upload.release = undefined;
  }

  #tell(path: string): void {
    for (const listener of this.#listeners) listener(path);
  }

  async #failed(upload: Upload, problem: Problem): Promise<void> {
    if (problem.code === 'already_exists') {
      if (upload.inDoubt && (await isThere(upload))) return this.#stored(upload);
      return this.#clash(upload, await look(upload.sender, upload.path).catch(() => undefined));
    }
    // What the server had of it is gone: it was finished, and only the answer was lost; or expired.
    if (upload.record?.url && problem.code === 'not_found') {
      forget(upload.record.url);
      upload.record.url = '';
      if (await isThere(upload)) return this.#stored(upload);
      upload.sent = 0;
      return this.#retry(upload, 0);
    }
    const isPassing = problem.isOffline || problem.code === 'unavailable' ||
      problem.code === 'rate_limited' || problem.code === 'internal' ||
      problem.code === 'conflict' && upload.isLarge;
    if (isPassing && (problem.isOffline || upload.tries < 20)) {
      upload.inDoubt ||= problem.isOffline;
      upload.problem = problem;
      return this.#retry(upload, problem.retryAfter ? problem.retryAfter * 1000 : undefined);
    }
    if (problem.code === 'forbidden') upload.overwrite = upload.looked = false; // it is asked again
    upload.problem = problem;
    upload.state = 'failed';
    announcer.say(t('uploads.failed', {name: upload.name}));
  }

  #retry(upload: Upload, delay = backoff(upload.tries)): void {
    upload.tries += 1;
    upload.stoodSince ??= Date.now();
    upload.state = 'retrying';
    setTimeout(() => this.#again(upload), delay);
  }

  async #clash(upload: Upload, there: FileInfo | undefined): Promise<void> {
    upload.looked = true;
    upload.state = 'comparing';
    this.#running.delete(upload);
    this.#next();
    const isSame = await isContentOf(there, upload).catch(() => false);
    if (upload.state !== 'comparing') return;
    if (isSame) return this.#leave(upload, 'identical');
    upload.state = 'asking';
    const others = this.all.filter((u) => u !== upload && u.resolver === upload.resolver &&
      ['waiting', 'comparing', 'asking'].includes(u.state)).length;
    const isForbidden = upload.sender.mayReplace === false && (!there || there.kind === 'file');
    const mayReplace = !isForbidden && (!there || there.kind === 'file');
    const coming = {size: upload.size, modified: upload.file!.lastModified};
    const choice = await upload.resolver.choose({
      name: upload.name, folder: parentOf(upload.path), mayReplace, isForbidden, others, coming,
      there: there && sideOf(there)
    });
    if (upload.state !== 'asking') return;
    if (choice === 'skip') return this.#leave(upload, 'skipped');
    this.#drop(upload);
    upload.overwrite = choice === 'replace';
    if (choice === 'both') {
      upload.path = await freePath(upload, this.all);
      if (upload.record) upload.record.path = upload.path;
    }
    this.#enter(upload);
  }

  #leave(upload: Upload, state: State): void {
    upload.state = state;
    this.#drop(upload);
    this.#over();
  }

  /** What the server has of it was begun for a name that is taken. */
  #drop(upload: Upload): void {
    const url = upload.record?.url;
    this.#finish(upload);
    if (!url) return;
    upload.record!.url = '';
    discard(upload.sender, url).catch(() => {}); // it ends by itself in a day
    upload.sent = 0;
  }

  /** One is at its end: is it the last? */
  #over(): void {
    if (!this.all.some((u) => u.isOpen || u.state === 'ending')) sayEnd(this.all);
  }
}

export const uploads = new Uploads();
