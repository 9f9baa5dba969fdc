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
}

const none = (): Sources => ({files: [], folders: []});

export function fromFiles(files: Iterable<File>): Sources {
  const all = none();
  for (const file of files) all.files.push({file, path: file.webkitRelativePath || file.name});
  return all;
}

/** Must be called before the event of the drop ends: the browser forgets it then. */
export function fromDrop(transfer: DataTransfer): Promise<Sources> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((e) => !!e);
  const files = [...transfer.files];
  return entries.length > 0 ? readEntries(entries) : Promise.resolve(fromFiles(files));
}

async function readEntries(entries: FileSystemEntry[]): Promise<Sources> {
  const all = none();
  const read = async (entry: FileSystemEntry, path: string): Promise<void> => {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject)
      );
      all.files.push({file, path});
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    let count = 0;
    // A hundred at a time, until there are none.
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
        reader.readEntries(resolve, reject)
      );
      if (some.length === 0) break;
      count += some.length;
      for (const child of some) await read(child, `${path}/${child.name}`);
    }
    if (count === 0) all.folders.push(path);
  };
  for (const entry of entries) await read(entry, entry.name);
  return all;
}

/** The handle of a folder that was picked, where the browser has such. */
export async function fromFolder(handle: FileSystemDirectoryHandle): Promise<Sources> {
  const all = none();
  const read = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
    let count = 0;
    const values = (folder as unknown as {values(): AsyncIterable<FileSystemHandle>}).values();
    for await (const child of values) {
      count += 1;
      const below = `${path}/${child.name}`;
      if (child.kind === 'directory') await read(child as FileSystemDirectoryHandle, below);
      else all.files.push({file: await (child as FileSystemFileHandle).getFile(), path: below});
    }
    if (count === 0) all.folders.push(path);
  };
  await read(handle, handle.name);
  return all;
}

/** Is it there as it was chosen? No request says whether it or the line failed. */
export async function isReadable(file: Blob): Promise<boolean> {
  return file.slice(-1).arrayBuffer().then(() => true, () => false);
}

export function totalSize(sources: Sources): number {
  return sources.files.reduce((sum, {file}) => sum + file.size, 0);
}
