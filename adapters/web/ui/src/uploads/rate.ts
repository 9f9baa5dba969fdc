/** Bytes per second over the last seconds, as they come. */
export class Rate {
  #marks: [time: number, bytes: number][] = [];

  add(time: number, bytes: number): void {
    this.#marks.push([time, bytes]);
    while (this.#marks.length > 2 && this.#marks[0]![0] < time - 5_000) this.#marks.shift();
  }

  /** Undefined until it is known; 0 when nothing came for long. */
  at(time: number): number | undefined {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (!first || !last || last[0] - first[0] < 250) return undefined;
    if (time - last[0] > 5_000) return 0;
    const sum = this.#marks.slice(1).reduce((total, [, bytes]) => total + bytes, 0);
    return (sum * 1000) / Math.max(last[0] - first[0], 1);
  }
}

/** How long to wait before another try, ms. */
export function backoff(tries: number): number {
  return Math.min(30_000, 500 * 2 ** tries);
}
