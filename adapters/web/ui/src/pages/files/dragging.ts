import type {FileInfo} from '../../api/client';
import {isWithin, parentOf} from '../../lib/files/paths';
import type {Folder} from './folder.svelte';
import {may} from './rights.svelte';
import type {Work} from './work';

const kDragged = 'application/x-baluhost-paths';

/** Entries that are dragged to a folder: moved, with Ctrl or Alt copied. */
export class Dragging {
  #items: FileInfo[] = [];

  constructor(private readonly folder: Folder, private readonly work: Work) {}

  begin = (event: DragEvent, item: FileInfo): void => {
    const {selection} = this.folder;
    if (!selection.has(item.path)) selection.pick(item.path);
    this.#items = this.folder.chosen;
    event.dataTransfer!.setData(kDragged, '1');
    event.dataTransfer!.effectAllowed = 'copyMove';
  };

  end = (): void => {
    this.#items = [];
  };

  mayDrop = (to: string): boolean =>
    this.#items.length > 0 && may.add(to) &&
    this.#items.every(({path}) => !isWithin(to, path) && parentOf(path) !== to);

  drop = (event: DragEvent, to: string): void => {
    const items = this.#items;
    this.end();
    void this.work.put(event.ctrlKey || event.altKey ? 'copy' : 'move', items, to);
  };
}
