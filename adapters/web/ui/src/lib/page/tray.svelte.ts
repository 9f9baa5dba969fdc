import type {Component} from 'svelte';

/** What stays on the screen whatever page is shown, once a page that needs it was opened. */
class Tray {
  component = $state.raw<Component>();
  /** How much of what it shows ends with the session. */
  unfinished: () => number = () => 0;
  /** Ends that, once it was asked whether to. */
  leaving = $state.raw<() => Promise<void>>();
}

export const tray = new Tray();
