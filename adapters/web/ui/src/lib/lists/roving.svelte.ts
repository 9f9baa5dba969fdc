import {untrack} from 'svelte';

/** So far away from where it was it is looked for. */
const kNear = 1000;

/** Which entry of a list has the focus, or gets it by Tab: where others come and go it stays the
 *  same entry. */
export class Roving {
  active = $state(0);
  #key: string | undefined;
  #keyAt: (index: number) => string | undefined;

  /** For use while a component is set up; both are followed. */
  constructor(keyAt: (index: number) => string | undefined, count: () => number) {
    this.#keyAt = keyAt;
    $effect.pre(() => {
      const before = untrack(() => this.active);
      const last = count() - 1;
      this.active = this.#near(before) ?? Math.max(0, Math.min(last, before));
      if (this.#key !== undefined) this.#key = keyAt(this.active);
    });
  }

  activate(index: number): void {
    this.active = index;
    this.#key = this.#keyAt(index);
  }

  #near(index: number): number | undefined {
    if (this.#key === undefined) return undefined;
    for (let i = 0; i < kNear; ++i) {
      if (this.#keyAt(index + i) === this.#key) return index + i;
      if (this.#keyAt(index - i) === this.#key) return index - i;
    }
    return undefined;
  }
}
