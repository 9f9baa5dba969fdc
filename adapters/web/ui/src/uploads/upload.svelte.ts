import type {Bearer} from '../api/client';
import {Problem} from '../api/problem';
import type {Resolver} from '../lib/files/conflicts.svelte';
import type {Existing} from '../lib/files/existing';
import {nameOf} from '../lib/files/paths';
import {t, tn} from '../lib/language/i18n.svelte';
import {announcer} from '../lib/page/toasts.svelte';
import type {Prefix} from './digest';
import {Rate} from './rate';
import type {Record} from './records';
import {kSmall} from './transfer';

export type State =
  | 'waiting' | 'sending' | 'retrying' | 'asking' | 'paused' | 'failed' | 'done' | 'skipped'
  /** Its name is taken: is it by the same content? Then there is nothing to send. */
  | 'comparing' | 'identical'
  /** Not wanted any more: the server is told so; or could not be told. */
  | 'ending' | 'unended'
  /** Begun before a reload or a sign-out: its file is needed again. */
  | 'lost';

/** One file on its way. */
export class Upload {
  readonly id = crypto.randomUUID?.() ?? String(Math.random());
  size: number;
  readonly sender: Bearer;
  readonly resolver: Resolver;
  path = $state('');
  state = $state<State>('waiting');
  sent = $state(0);
  problem = $state.raw<Problem>();
  file: File | undefined;
  /** What was sent of it, or is about to be. */
  prefix: Prefix | undefined;
  record: Record | undefined;
  /** What lies where it goes, and whether its name was looked for there. */
  existing: Existing | undefined;
  looked = false;
  /** Something of it could not be read. */
  isFolder = false;
  overwrite = false;
  tries = 0;
  /** Since when nothing of it is sent; by `Date.now()`. */
  stoodSince: number | undefined;
  /** A request went out and its answer did not come: it may have been done. */
  inDoubt = false;
  abort = new AbortController();
  release: (() => void) | undefined;
  readonly rate = new Rate();

  constructor(path: string, size: number, sender: Bearer, resolver: Resolver) {
    this.path = path;
    this.size = size;
    this.sender = sender;
    this.resolver = resolver;
  }

  get name(): string {
    return nameOf(this.path);
  }

  get isLarge(): boolean {
    return this.size > kSmall;
  }

  /** It goes on once its file is chosen again, which the browser forgot or cannot read. */
  get needsFile(): boolean {
    return this.state === 'lost' || (this.state === 'unended' && !this.file) || this.isChanged;
  }

  /** Its file is another than it was, or gone, or could not be read. */
  get isChanged(): boolean {
    return this.state === 'failed' && !this.isFolder &&
      /^(changed|unreadable)$/.test(this.problem?.code ?? '');
  }

  /** Nothing more comes of it. */
  get isOver(): boolean {
    return ['done', 'skipped', 'identical'].includes(this.state);
  }

  /** It will go on, or is about to. */
  get isOpen(): boolean {
    return ['waiting', 'sending', 'retrying', 'asking', 'comparing'].includes(this.state);
  }
}

/** One of what could not be read, which is not sent. */
export function unreadOf(upload: Upload, isFolder: boolean): Upload {
  upload.state = 'failed';
  upload.problem = new Problem(0, 'unreadable');
  upload.isFolder = isFolder;
  return upload;
}

/** What all came to. */
export function sayEnd(all: Upload[]): void {
  const count = (state: State) => all.filter((u) => u.state === state).length;
  const [failed, paused, done] = [count('failed'), count('paused'), count('done')];
  if (failed > 0) announcer.say(tn('uploads.some_failed', failed));
  else if (paused > 0) announcer.say(tn('uploads.waiting', paused));
  else announcer.say(done > 0 ? tn('uploads.all_done', done) : t('uploads.nothing'));
}
