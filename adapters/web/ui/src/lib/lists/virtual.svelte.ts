import {untrack} from 'svelte';

export interface Line {
  index: number;
  /** Px below the first one's top. */
  start: number;
}

interface Shape {
  count: number;
  /** Of a line, px. */
  size: number;
  /** Lines above the first, px: a header that stays. */
  above?: number;
  /** The line where Tab leads: it stays in the document wherever one scrolls. */
  pinned?: number | undefined;
}

/** So many lines beyond what is in view, above and below. */
const kAround = 6;
/** Where one has jumped to other lines, those in view come first: the others so much later, ms. */
const kLater = 60;

/** The lines to be in the document, of a view of `height` px that is scrolled to `top`. */
export function linesInView(shape: Shape, top: number, height: number, around = kAround): Line[] {
  const {count, size, above = 0, pinned} = shape;
  const first = Math.max(0, Math.floor(top / size) - around);
  const last = Math.min(count - 1, Math.floor((top + height - above) / size) + around);
  const at = (index: number) => ({index, start: index * size});
  const lines = Array.from({length: Math.max(0, last - first + 1)}, (_, i) => at(first + i));
  if (pinned === undefined || pinned < 0 || pinned >= count) return lines;
  if (pinned < first) return [at(pinned), ...lines];
  return pinned > last ? [...lines, at(pinned)] : lines;
}

/** Is hardly a line of these among those? */
export function isJump(lines: Line[], before: Line[]): boolean {
  const known = new Set(before.map(({index}) => index));
  return lines.filter(({index}) => known.has(index)).length * 4 < lines.length;
}

/** Which lines of a long list are in the document: those in view, and some around. */
export class Lines {
  items = $state.raw<Line[]>([]);
  height = $state(0);
  #element: () => HTMLElement | undefined;
  #shape: () => Shape;
  #later: ReturnType<typeof setTimeout> | undefined;

  /** For use while a component is set up; `shape` is followed. */
  constructor(element: () => HTMLElement | undefined, shape: () => Shape) {
    this.#element = element;
    this.#shape = shape;
    $effect(() => {
      const scroller = element();
      if (!scroller) return;
      const read = () => this.#read();
      const observer = new ResizeObserver(read);
      observer.observe(scroller);
      scroller.addEventListener('scroll', read, {passive: true});
      return () => {
        observer.disconnect();
        clearTimeout(this.#later);
        scroller.removeEventListener('scroll', read);
      };
    });
    $effect(() => {
      element();
      shape();
      untrack(() => this.#read());
    });
  }

  #read(): void {
    const scroller = this.#element();
    const shape = this.#shape();
    this.height = shape.count * shape.size;
    if (!scroller) return;
    const {scrollTop, clientHeight} = scroller;
    const {items} = this;
    let lines = linesInView(shape, scrollTop, clientHeight);
    clearTimeout(this.#later);
    if (items.length > 0 && isJump(lines, items)) {
      lines = linesInView(shape, scrollTop, clientHeight, 0);
      this.#later = setTimeout(() => this.#read(), kLater);
    }
    const isSame = lines.length === items.length && lines.every((line, i) =>
      line.index === items[i]!.index && line.start === items[i]!.start);
    if (!isSame) this.items = lines;
  }

  /** Scrolls as little as brings a line into view. */
  show(index: number): void {
    const scroller = this.#element();
    if (!scroller) return;
    const {size, above = 0} = this.#shape();
    const top = index * size;
    const hidden = parseFloat(getComputedStyle(scroller).paddingBottom);
    const least = top + size - (scroller.clientHeight - above - hidden);
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (scroller.scrollTop < least) scroller.scrollTop = least;
    this.#read();
  }
}
