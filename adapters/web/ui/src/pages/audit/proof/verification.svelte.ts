import {api, ask, authorizedFetch, type Schemas} from '../../../api/client';
import {asProblem, problemOf} from '../../../api/problem';
import {parseVisible} from '../../../lib/language/visible';
import {sentEvents} from '../../../lib/page/sse';
import {type Found, foundLast, type Status} from './doubts';

export type Report = Schemas['VerifyReport'];

/** A verification of the whole trail, with its progress. */
export class Verification {
  running = $state(false);
  events = $state(0);
  of = $state(0);
  report = $state.raw<Report>();
  error = $state.raw<unknown>();
  /** It was ended before its end. */
  wasStopped = $state(false);
  #abort: AbortController | undefined;

  async run(): Promise<void> {
    this.#abort = new AbortController();
    const {signal} = this.#abort;
    this.running = true;
    this.events = this.of = 0;
    this.wasStopped = false;
    this.report = this.error = undefined;
    try {
      const response = await authorizedFetch(
        new Request(location.origin + '/api/v1/audit/verify', {
          method: 'POST', headers: {Accept: 'text/event-stream'}, signal
        })
      );
      if (!response.ok)
        throw problemOf(response, await response.json().catch(() => undefined));
      for await (const {event, data} of sentEvents(response))
        this.#take(event, parseVisible(data));
      if (!this.report && !signal.aborted) throw new TypeError('it broke off');
    } catch (error) {
      if (!signal.aborted) this.error = asProblem(error);
    } finally {
      this.running = false;
    }
  }

  stop(): void {
    this.wasStopped = this.running;
    this.#abort?.abort();
  }

  #take(event: string, data: {events: number; of: number} | Report): void {
    if (event === 'report') this.report = data as Report;
    if (event !== 'progress' || !('of' in data)) return;
    this.events = data.events;
    this.of = data.of;
  }
}

/** How the trail stands, looked at now and then. */
export class StatusWatch {
  current = $state.raw<Status>();
  /** What the last verification found, by the record. */
  found = $state.raw<Found>();
  error = $state.raw<unknown>();
  /** By Date.now(). */
  now = $state(Date.now());

  async look(): Promise<void> {
    try {
      const status = await ask(api.GET('/api/v1/audit/status'));
      if (status.last_verification?.at !== this.current?.last_verification?.at)
        this.found = await foundLast(status);
      this.current = status;
      this.error = undefined;
    } catch (error) {
      this.error = error;
    }
    this.now = Date.now();
  }

  /** Looks every 10 s while the page is seen; for an `$effect`. */
  watch(): () => void {
    void this.look();
    const timer = setInterval(() => {
      this.now = Date.now();
      if (!document.hidden) void this.look();
    }, 10_000);
    return () => clearInterval(timer);
  }
}
