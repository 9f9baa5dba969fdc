// Short messages: what was done, with a way back where there is one. Read out by a live region.
import {isWithin} from '../files/paths';

interface Action {
  label: string;
  run: () => void;
}

export interface Toast {
  id: number;
  text: string;
  kind: 'done' | 'failed' | 'going';
  actions: Action[];
  /** Where its way back takes things from: paths, or entries of the trash (`placeOf`). */
  at: string[];
}

const kShown = 8_000;
/** What takes no longer needs no word on how far it is; and a new word comes no sooner. */
const kTold = 1_000;

class Toasts {
  all = $state<Toast[]>([]);
  #next = 0;
  #going = new Map<number, ReturnType<typeof setTimeout>>();

  show(text: string, options: Partial<Pick<Toast, 'kind' | 'actions' | 'at'>> = {}): void {
    const toast: Toast = {id: this.#next++, text, kind: 'done', actions: [], at: [], ...options};
    this.all = [...this.all.slice(-2), toast];
    // What failed stays until it is put away.
    if (toast.kind === 'done') this.leave(toast);
  }

  /** Of what may take long: `tell` says how far it is. */
  progress(at: string[] = []): {tell: (text: string) => void; end: () => void} {
    const id = this.#next++;
    let told = Date.now();
    return {
      tell: (text) => {
        if (Date.now() - told < kTold) return;
        told = Date.now();
        const toast: Toast = {id, text, kind: 'going', actions: [], at};
        const isShown = this.all.some((other) => other.id === id);
        this.all = isShown ? this.all.map((other) => (other.id === id ? toast : other))
                           : [...this.all.slice(-2), toast];
      },
      end: () => this.hide(id)
    };
  }

  /** Nothing is there any more: what would take something from there goes. */
  outdate(gone: string): void {
    this.all = this.all.filter(({at}) => !at.some((place) => isWithin(place, gone)));
  }

  /** While the pointer or the focus is on it, it stays. */
  hold(toast: Toast): void {
    clearTimeout(this.#going.get(toast.id));
    this.#going.delete(toast.id);
  }

  leave(toast: Toast): void {
    if (toast.kind !== 'done') return;
    this.hold(toast);
    this.#going.set(toast.id, setTimeout(() => this.hide(toast.id), kShown));
  }

  hide(id: number): void {
    this.#going.delete(id);
    this.all = this.all.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();

class Announcer {
  text = $state('');

  /** Read out, not shown; the same again too. */
  say(text: string): void {
    this.text = text === this.text ? text + '\u00a0' : text;
  }
}

export const announcer = new Announcer();
