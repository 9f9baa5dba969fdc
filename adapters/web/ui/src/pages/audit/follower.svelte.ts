import {authorizedFetch} from '../../api/client';
import {asProblem, problemOf} from '../../api/problem';
import {parseVisible} from '../../lib/language/visible';
import {sentEvents} from '../../lib/page/sse';
import type {AuditEvent} from './filters';

export type Touch = 'off' | 'begins' | 'live' | 'lost';

/** The server writes a comment every 15 s: after twice that the line is dead. */
const kSilence = 35_000;
const kLongestPause = 15_000;

/** Follows the trail as it is written, and comes back by itself where it lost touch. */
export class Follower {
  touch = $state<Touch>('off');
  lostAt = $state<number>();
  error = $state.raw<unknown>();

  #abort: AbortController | undefined;
  #newest: string | undefined;

  /** `onbegin`: it follows from now on, and what was before is to be asked for. */
  start(onbegin: () => void, onevent: (event: AuditEvent) => void): void {
    this.stop();
    this.#abort = new AbortController();
    this.touch = 'begins';
    void this.#run(this.#abort.signal, onbegin, onevent);
  }

  stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#newest = undefined;
    this.touch = 'off';
    this.lostAt = this.error = undefined;
  }

  async #run(signal: AbortSignal, onbegin: () => void, onevent: (event: AuditEvent) => void) {
    for (let pause = 1000; !signal.aborted; pause = Math.min(kLongestPause, pause * 2)) {
      try {
        await this.#once(signal, onbegin, (event) => {
          pause = 1000;
          onevent(event);
        });
      } catch (error) {
        if (signal.aborted) return;
        const {status} = asProblem(error);
        if (status === 401 || status === 403) {
          this.stop();
          this.error = error;
          return;
        }
      }
      if (signal.aborted) return;
      if (this.touch !== 'lost') this.lostAt = Date.now();
      this.touch = 'lost';
      await new Promise<void>((resolve) => {
        const again = () => resolve();
        setTimeout(again, pause);
        addEventListener('online', again, {once: true});
        signal.addEventListener('abort', again, {once: true});
      });
    }
  }

  async #once(signal: AbortSignal, onbegin: () => void, onevent: (event: AuditEvent) => void) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), kSilence);
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), kSilence);
    };
    const headers = new Headers({Accept: 'text/event-stream'});
    if (this.#newest) headers.set('Last-Event-ID', this.#newest);
    try {
      const both = AbortSignal.any([signal, silence.signal]);
      const url = location.origin + '/api/v1/audit/stream';
      const response = await authorizedFetch(new Request(url, {headers, signal: both}));
      if (!response.ok)
        throw problemOf(response, await response.json().catch(() => undefined));
      this.touch = 'live';
      this.lostAt = undefined;
      if (!this.#newest) onbegin();
      for await (const {data, id} of sentEvents(response, alive)) {
        this.#newest = id ?? this.#newest;
        onevent(parseVisible(data) as AuditEvent);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
