import {
  defaultRangeExtractor, elementScroll, observeElementOffset, observeElementRect,
  type VirtualItem, Virtualizer
} from '@tanstack/virtual-core';

interface Shape {
  count: number;
  /** Of a line, px. */
  size: number;
  /** Lines above the first, px: a header that stays. */
  above?: number;
  /** The line that has the focus: it stays in the document wherever one scrolls. */
  pinned?: number | undefined;
}

/** Which lines of a long list are in the document: those in view, and some around. */
export class Lines {
  items = $state.raw<VirtualItem[]>([]);
  height = $state(0);
  #core: Virtualizer<HTMLElement, HTMLElement>;

  /** For use while a component is set up; `shape` is followed. */
  constructor(element: () => HTMLElement | undefined, shape: () => Shape) {
    const options = () => {
      const {count, size, above = 0, pinned} = shape();
      return {
        count,
        estimateSize: () => size,
        overscan: 6,
        scrollPaddingStart: above,
        getScrollElement: () => element() ?? null,
        observeElementRect,
        observeElementOffset,
        scrollToFn: elementScroll,
        rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) => {
          const lines = defaultRangeExtractor(range);
          if (pinned === undefined || pinned >= count || lines.includes(pinned)) return lines;
          return [...lines, pinned].sort((a, b) => a - b);
        },
        onChange: () => this.#read()
      };
    };
    this.#core = new Virtualizer(options());
    $effect(() => this.#core._didMount());
    $effect(() => {
      element();
      this.#core.setOptions(options());
      this.#core._willUpdate();
      this.#core.measure();
      this.#read();
    });
  }

  #read(): void {
    this.items = this.#core.getVirtualItems();
    this.height = this.#core.getTotalSize();
  }

  show(index: number): void {
    this.#core.scrollToIndex(index, {align: 'auto'});
  }
}
