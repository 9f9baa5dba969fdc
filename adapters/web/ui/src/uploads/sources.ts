// What a user drops or picks, read whole before anything is sent: files with their paths, and
// folders that are empty.

export interface Source {
  file: File;
  /** Below the target: `photos/may/1.jpg`. */
  path: string;
}

export interface Sources {
  files: Source[];
  /** Folders without anything in them. */
  folders: string[];
  /** What could not be read, and of a folder not all. */
  unread: {path: string; isFolder: boolean}[];
}

const none = (): Sources => ({files: [], folders: [], unread: []});

export function fromFiles(files: Iterable<File>): Sources {
  const all = none();
  for (const file of files) all.files.push({file, path: file.webkitRelativePath || file.name});
  return all;
}

/** Must be called before the event of the drop ends: the browser forgets it then. */
export function fromDrop(transfer: DataTransfer): Promise<Sources> {
  return readAll([...transfer.items].flatMap((item) => {
    const entry = item.webkitGetAsEntry();
    if (entry) return [ofEntry(entry)];
    const file = item.getAsFile(); // as of a link that leads nowhere
    return file ? [ofFile(file)] : [];
  }));
}

/** So much of a folder, or a file. */
interface Entry {
  name: string;
  /** Of a file only. */
  file?: () => Promise<File>;
  /** Of a folder only. */
  children?: () => AsyncIterable<Entry>;
}

async function readAll(entries: Entry[]): Promise<Sources> {
  const all = none();
  const read = async ({file, children}: Entry, path: string): Promise<void> => {
    try {
      if (file) all.files.push({file: await file(), path});
      if (!children) return;
      let count = 0;
      for await (const child of children()) {
        count += 1;
        await read(child, `${path}/${child.name}`);
      }
      if (count === 0) all.folders.push(path);
    } catch {
      all.unread.push({path, isFolder: !file});
    }
  };
  for (const entry of entries) await read(entry, entry.name);
  return all;
}

function ofFile(file: File): Entry {
  const read = async () => {
    if (!(await isReadable(file))) throw new Error('unreadable');
    return file;
  };
  return {name: file.name, file: read};
}

function ofEntry(entry: FileSystemEntry): Entry {
  const {name} = entry;
  if (entry.isFile) {
    const file = entry as FileSystemFileEntry;
    return {name, file: () => new Promise((resolve, reject) => file.file(resolve, reject))};
  }
  const folder = entry as FileSystemDirectoryEntry;
  return {
    name,
    async *children() {
      const reader = folder.createReader();
      // A hundred at a time, until there are none.
      for (;;) {
        const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
          reader.readEntries(resolve, reject)
        );
        if (some.length === 0) return;
        yield* some.map(ofEntry);
      }
    }
  };
}

function ofHandle(handle: FileSystemHandle): Entry {
  const {name} = handle;
  if (handle.kind === 'file')
    return {name, file: () => (handle as FileSystemFileHandle).getFile()};
  return {
    name,
    async *children() {
      const folder = handle as unknown as {values(): AsyncIterable<FileSystemHandle>};
      for await (const child of folder.values()) yield ofHandle(child);
    }
  };
}

/** The handle of a folder that was picked, where the browser has such. */
export function fromFolder(handle: FileSystemDirectoryHandle): Promise<Sources> {
  return readAll([ofHandle(handle)]);
}

/** Is it there as it was chosen? No request says whether it or the line failed. A part of an empty
 *  one is read from nowhere, and of one that was dropped so is the whole. */
export async function isReadable(file: Blob): Promise<boolean> {
  const some = file.size > 0 ? file.slice(-1) : file;
  return some.arrayBuffer().then(() => true, () => false);
}

export function totalSize(sources: Sources): number {
  return sources.files.reduce((sum, {file}) => sum + file.size, 0);
}
