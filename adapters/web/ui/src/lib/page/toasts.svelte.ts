// Short messages: what was done, with a way back where there is one. Read out by a live region.

export interface Toast {
  id: number;
  text: string;
  kind: 'done' | 'failed';
  action?: {label: string; run: () => void} | undefined;
}

const kShown = 8_000;

class Toasts {
  all = $state<Toast[]>([]);
  #next = 0;

  show(text: string, options: Partial<Pick<Toast, 'kind' | 'action'>> = {}): void {
    const toast: Toast = {id: this.#next++, text, kind: options.kind ?? 'done',
                          action: options.action};
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
