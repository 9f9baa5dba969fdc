import {fromDrop, type Sources} from '../../uploads/sources';

/** Takes files that are dragged onto an element, which gets its `handlers`. */
export class DropTarget {
  /** Whether files are above it. */
  isUnder = $state(false);

  /** `take` gets what is dropped while `accepts` says so. */
  constructor(
    private readonly accepts: () => boolean,
    private readonly take: (dropped: Promise<Sources>) => unknown
  ) {}

  readonly handlers = {
    ondragover: (event: DragEvent) => {
      if (!this.#fits(event)) return;
      event.preventDefault();
      this.isUnder = true;
    },
    ondragleave: (event: DragEvent) => {
      const to = event.relatedTarget as Node | null;
      if (!(event.currentTarget as HTMLElement).contains(to)) this.isUnder = false;
    },
    ondrop: (event: DragEvent) => {
      this.isUnder = false;
      if (!this.#fits(event)) return;
      event.preventDefault();
      this.take(fromDrop(event.dataTransfer!));
    }
  };

  #fits(event: DragEvent): boolean {
    return this.accepts() && (event.dataTransfer?.types.includes('Files') ?? false);
  }
}
