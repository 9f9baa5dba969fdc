// All uploads of this tab, whatever page is shown: a few at a time, tried again until they are
// there, and known again after a reload.
import {untrack} from 'svelte';
import {api, ask, type Bearer, type FileInfo} from '../api/client';
import {asProblem, type Problem} from '../api/problem';
import {Resolver, sideOf} from '../lib/files/conflicts.svelte';
import {Existing} from '../lib/files/existing';
import {t, tn} from '../lib/language/i18n.svelte';
import {freeName, join, nameOf, parentOf} from '../lib/files/paths';
import {announcer} from '../lib/page/toasts.svelte';
import {session} from '../lib/session/session.svelte';
import {sha256Of} from './digest';
import {backoff, Rate} from './rate';
import {forget, isSame, keep, records} from './records';
import type {Sources} from './sources';
import {discard, type Job, look, makeFolder, putSmall, sendLarge} from './transfer';
import {Upload} from './upload.svelte';

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
  #recalled = false;

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

  /** Sends all to a folder. What was begun before a reload goes on from there. */
  async add(sources: Sources, folder: string, sender: Bearer, user?: string): Promise<void> {
    const resolver = new Resolver();
    // A stranger with a link may not see what is there, and is asked nothing.
    const existing = user ? new Existing(folder, sources.files.length) : undefined;
    const fresh: Upload[] = [];
    for (const {file, path} of sources.files) {
      const target = join(folder, path);
      const lost = this.all.find(
        (u) => u.needsFile && u.record && isSame(u.record, file)
      );
      if (lost) {
        lost.file = file;
        this.#enter(lost);
        continue;
      }
      const upload = new Upload(target, file.size, sender, resolver);
      upload.file = file;
      upload.existing = existing;
      if (user && upload.isLarge)
        upload.record = {url: '', path: target, name: file.name, size: file.size,
                         lastModified: file.lastModified, user};
      fresh.push(upload);
    }
    this.all = [...this.all.filter((u) => !u.isOver), ...fresh];
    const count = sources.files.length;
    if (count > 0) announcer.say(tn('uploads.started', count));
    this.#next();
    for (const path of sources.folders) {
      await makeFolder(sender, join(folder, path));
      this.#tell(join(folder, path));
    }
  }

  /** Those of `user` that a reload cut off, but for what another tab sends; with how much of them
   *  is there. */
  async recall(user: string, sender: Bearer): Promise<void> {
    if (this.#recalled) return;
    this.#recalled = true;
    for (const record of records()) {
      if (record.user !== user || !(await isFree(record.url))) continue;
      const upload = new Upload(record.path, record.size, sender, new Resolver());
      upload.record = record;
      upload.state = 'lost';
      this.all = [...this.all, upload];
    }
    const lost = this.all.filter((u) => u.state === 'lost');
    if (lost.length === 0) return;
    const begun = await ask(api.GET('/api/v1/uploads', {params: {query: {limit: 1000}}}))
      .catch(() => undefined); // then it is not said
    const offsets = new Map(begun?.items.map(({id, offset}) => [id, offset]));
    for (const upload of lost)
      upload.sent = Math.max(upload.sent, offsets.get(nameOf(upload.record!.url)) ?? 0);
  }

  pause(upload: Upload): void {
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

  /** What nothing more comes of goes, what failed too. */
  clear(): void {
    for (const upload of this.all)
      if (upload.state === 'failed' || upload.state === 'unended') void this.cancel(upload);
    this.all = this.all.filter((u) => !u.isOver);
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
      const there = await this.#inTheWay(upload);
      signal.throwIfAborted();
      if (there) return await this.#clash(upload, there);
      await this.#send(upload, signal);
      this.#stored(upload);
    } catch (error) {
      if (!signal.aborted) await this.#failed(upload, asProblem(error));
    }
    this.#running.delete(upload);
    this.#next();
    this.#over();
  }

  /** What has its name, looked for once: what comes there later, the server tells of. */
  async #inTheWay(upload: Upload): Promise<FileInfo | undefined> {
    if (upload.looked || upload.record?.url) return undefined;
    const there = await upload.existing?.at(upload.path);
    upload.looked = there === undefined;
    return there;
  }

  async #send(upload: Upload, signal: AbortSignal): Promise<void> {
    const job: Job = {
      file: upload.file!,
      path: upload.path,
      overwrite: upload.overwrite,
      url: upload.record?.url || undefined,
      signal,
      onprogress: (sent) => {
        const now = performance.now();
        const more = Math.max(0, sent - upload.sent);
        upload.rate.add(now, more);
        this.rate.add(now, more);
        upload.sent = sent;
      },
      onurl: (url) => void this.#begun(upload, url)
    };
    if (!upload.isLarge) return putSmall(upload.sender, job);
    if (job.url) await this.#begun(upload, job.url);
    return sendLarge(upload.sender, job);
  }

  async #begun(upload: Upload, url: string): Promise<void> {
    if (upload.isOver) return void discard(upload.sender, url).catch(() => {});
    upload.record ??= {url, path: upload.path, name: '', size: upload.size, lastModified: 0,
                       user: ''};
    upload.record.url = url;
    if (upload.record.user) keep(upload.record);
    if (!upload.release) hold(url, upload);
  }

  #stored(upload: Upload): void {
    upload.sent = upload.size;
    upload.state = 'done';
    this.#finish(upload);
    this.#tell(upload.path);
  }

  #finish(upload: Upload): void {
    if (upload.record?.url) forget(upload.record.url);
    upload.release?.();
    upload.release = undefined;
  }

  #tell(path: string): void {
    for (const listener of this.#listeners) listener(path);
  }

  async #failed(upload: Upload, problem: Problem): Promise<void> {
    if (problem.code === 'already_exists') {
      if (upload.inDoubt && (await this.#isThere(upload))) return this.#stored(upload);
      return this.#clash(upload, await look(upload.sender, upload.path).catch(() => undefined));
    }
    // What the server had of it is gone: it was finished, and only the answer was lost; or expired.
    if (upload.record?.url && problem.code === 'not_found') {
      forget(upload.record.url);
      upload.record.url = '';
      if (await this.#isThere(upload)) return this.#stored(upload);
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
    upload.problem = problem;
    upload.state = 'failed';
    announcer.say(t('uploads.failed', {name: upload.name}));
  }

  #retry(upload: Upload, delay = backoff(upload.tries)): void {
    upload.tries += 1;
    upload.state = 'retrying';
    setTimeout(() => this.#again(upload), delay);
  }

  /** Has the server this very content at its path? */
  async #isThere(upload: Upload): Promise<boolean> {
    try {
      return await isContentOf(await look(upload.sender, upload.path), upload);
    } catch {
      return false; // it is asked for again with the next try
    }
  }

  async #clash(upload: Upload, there: FileInfo | undefined): Promise<void> {
    upload.looked = true;
    upload.state = 'comparing';
    this.#running.delete(upload);
    this.#next();
    const isSame = await isContentOf(there, upload).catch(() => false);
    if (upload.state !== 'comparing') return;
    if (isSame) {
      upload.state = 'identical';
      this.#drop(upload);
      return this.#over();
    }
    upload.state = 'asking';
    const others = this.all.filter((u) => u !== upload && u.resolver === upload.resolver &&
      ['waiting', 'comparing', 'asking'].includes(u.state)).length;
    const mayReplace = there === undefined || there.kind === 'file';
    const coming = {size: upload.size, modified: upload.file!.lastModified};
    const choice = await upload.resolver.choose({
      name: upload.name, folder: parentOf(upload.path), mayReplace, others, coming,
      there: there && sideOf(there)
    });
    if (upload.state !== 'asking') return;
    if (choice === 'skip') {
      upload.state = 'skipped';
      this.#drop(upload);
      return this.#over();
    }
    this.#drop(upload);
    upload.overwrite = choice === 'replace';
    if (choice === 'both') await this.#rename(upload);
    this.#enter(upload);
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

  async #rename(upload: Upload): Promise<void> {
    const folder = parentOf(upload.path);
    const tried = new Set<string>();
    const name = upload.file!.name;
    for (;;) {
      const candidate = freeName(name, (n) => tried.has(n));
      const taken = await this.#look(upload, join(folder, candidate)).catch(() => undefined);
      const isOurs = this.all.some((u) => u !== upload && u.path === join(folder, candidate));
      if (!taken && !isOurs) {
        upload.path = join(folder, candidate);
        if (upload.record) upload.record.path = upload.path;
        return;
      }
      tried.add(candidate);
    }
  }

  #look(upload: Upload, path: string): Promise<FileInfo | undefined> {
    return upload.existing ? upload.existing.at(path) : look(upload.sender, path);
  }

  /** One is at its end: is it the last? */
  #over(): void {
    if (!this.all.some((u) => u.isOpen || u.state === 'ending')) this.#ended();
  }

  #ended(): void {
    const failed = this.all.filter((u) => u.state === 'failed').length;
    const paused = this.all.filter((u) => u.state === 'paused').length;
    const done = this.all.filter((u) => u.state === 'done').length;
    if (failed > 0) announcer.say(tn('uploads.some_failed', failed));
    else if (paused > 0) announcer.say(tn('uploads.waiting', paused));
    else announcer.say(done > 0 ? tn('uploads.all_done', done) : t('uploads.nothing'));
  }
}

/** Has the file at its path this very content? */
async function isContentOf(there: FileInfo | undefined, {file, size}: Upload): Promise<boolean> {
  if (there?.kind !== 'file' || there.size !== size || !file) return false;
  return there.sha256 === (await sha256Of(file));
}

/** No other tab sends it. */
async function isFree(url: string): Promise<boolean> {
  if (!navigator.locks) return true;
  const name = `baluhost.upload ${url}`;
  return navigator.locks.request(name, {ifAvailable: true}, (lock) => lock !== null);
}

/** Says to other tabs that this one sends it. */
function hold(url: string, upload: Upload): void {
  const released = new Promise<void>((resolve) => (upload.release = resolve));
  void navigator.locks?.request(`baluhost.upload ${url}`, () => released);
}

export const uploads = new Uploads();
