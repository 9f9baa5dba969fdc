import type {Component} from 'svelte';

/** So long the answers of other tabs are waited for, ms. */
const kAnswer = 200;

/** What stays on the screen whatever page is shown, once a page that needs it was opened. */
class Tray {
  component = $state.raw<Component>();
  /** How much of what it shows ends with the session. */
  unfinished: () => number = () => 0;
  /** So many jobs run: what is left of them to do goes with the page. */
  jobs = 0;
  /** How much does in all tabs, and what ends it: that is asked for first. */
  leaving = $state.raw<{count: number; run: () => Promise<void>}>();
  #others = 0;
  #channel = new BroadcastChannel('baluhost.tray');

  constructor() {
    this.#channel.onmessage = ({data}: MessageEvent<number | null>) => {
      if (data === null) this.#channel.postMessage(this.unfinished());
      else this.#others += data;
    };
  }

  /** Other tabs are asked too. */
  async count(): Promise<number> {
    this.#others = 0;
    this.#channel.postMessage(null);
    await new Promise((resolve) => setTimeout(resolve, kAnswer));
    return this.unfinished() + this.#others;
  }
}

export const tray = new Tray();
