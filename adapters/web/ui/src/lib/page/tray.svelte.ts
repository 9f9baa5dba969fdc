import type {Component} from 'svelte';

/** So long the answers of other tabs are waited for, ms; and so long what they send is ended. */
const kAnswer = 200;
const kEnd = 1_600;

const wait = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

/** What stays on the screen whatever page is shown, once a page that needs it was opened. */
class Tray {
  component = $state.raw<Component>();
  /** How much of what it shows ends with the session. */
  unfinished: () => number = () => 0;
  /** So many jobs run: what is left of them to do goes with the page. */
  jobs = 0;
  /** Breaks it off, and returns once the server knows what arrived of it. */
  breakOff: () => Promise<void> = async () => {};
  /** How much does in all tabs, and what ends it: that is asked for first. */
  leaving = $state.raw<{count: number; run: () => Promise<void>}>();
  #others = 0;
  #channel = new BroadcastChannel('baluhost.tray');

  constructor() {
    this.#channel.onmessage = ({data}: MessageEvent<number | null | 'end'>) => {
      if (data === 'end') void this.breakOff();
      else if (data === null) this.#channel.postMessage(this.unfinished());
      else this.#others += data;
    };
  }

  /** Other tabs are asked too. */
  async count(): Promise<number> {
    this.#others = 0;
    this.#channel.postMessage(null);
    await wait(kAnswer);
    return this.unfinished() + this.#others;
  }

  /** In all tabs: of a session that has ended the server takes nothing any more. */
  async end(): Promise<void> {
    await this.count();
    this.#channel.postMessage('end');
    await Promise.all([this.breakOff(), this.#others > 0 && wait(kEnd)]);
  }
}

export const tray = new Tray();
