// Short messages: what was done, with a way back where there is one. Read out by a live region.

interface Action {
  label: string;
  run: () => void;
}

export interface Toast {
  id: number;
  text: string;
  kind: 'done' | 'failed';
  actions: Action[];
}

const kShown = 8_000;

class Toasts {
  all = $state<Toast[]>([]);
  #next = 0;

  show(text: string, options: Partial<Pick<Toast, 'kind' | 'actions'>> = {}): void {
    const toast: Toast = {id: this.#next++, text, kind: 'done', actions: [], ...options};
    this.all = [...this.all.slice(-2), toast];
    // What failed stays until it is put away.
    if (toast.kind === 'done') setTimeout(() => this.hide(toast.id), kShown);
  }

  hide(id: number): void {
    this.all = this.all.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();

class Announcer {
  text = $state('');

  /** Read out, not shown. */
  say(text: string): void {
    this.text = text;
  }
}

export const announcer = new Announcer();
