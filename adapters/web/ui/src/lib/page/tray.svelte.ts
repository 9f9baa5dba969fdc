import type {Component} from 'svelte';

/** What stays on the screen whatever page is shown, once a page that needs it was opened. */
class Tray {
  component = $state.raw<Component>();
}

export const tray = new Tray();
