import {expect, test} from 'vitest';
import {fromDrop, fromFolder, isReadable} from './sources';

const fail = () => Promise.reject(new DOMException('not to be read', 'NotReadableError'));
const fileHandle = (name: string, getFile: () => Promise<unknown> = async () => ({name})) =>
  ({kind: 'file', name, getFile});
const folderHandle = (name: string, children: unknown[], isReadable = true) => ({
  kind: 'directory',
  name,
  async *values() {
    yield* children;
    if (!isReadable) await fail();
  }
});

const expected = {
  files: ['top/a.txt', 'top/sub/c.txt', 'top/half/d.txt'],
  folders: ['top/empty'],
  unread: [
    {path: 'top/b.txt', isFolder: false}, {path: 'top/half', isFolder: true}
  ]
};

test('what cannot be read of a picked folder is named, and all else is there', async () => {
  const handle = folderHandle('top', [
    fileHandle('a.txt'), fileHandle('b.txt', fail), folderHandle('empty', []),
    folderHandle('sub', [fileHandle('c.txt')]), folderHandle('half', [fileHandle('d.txt')], false)
  ]);
  const {files, folders, unread} =
    await fromFolder(handle as unknown as FileSystemDirectoryHandle);
  expect({files: files.map(({path}) => path), folders, unread}).toEqual(expected);
});

const fileEntry = (name: string, isReadable = true) => ({
  isFile: true,
  name,
  file: (done: (file: unknown) => void, failed: (error: Error) => void) =>
    isReadable ? done({name}) : failed(new Error('not to be read'))
});
const folderEntry = (name: string, children: unknown[], isReadable = true) => ({
  isFile: false,
  name,
  createReader: () => {
    const pages = [children, []];
    return {
      readEntries: (done: (all: unknown[]) => void, failed: (error: Error) => void) =>
        pages.length === 1 && !isReadable ? failed(new Error('not to be read'))
                                          : done(pages.shift()!)
    };
  }
});

test('so it is of a dropped one', async () => {
  const entry = folderEntry('top', [
    fileEntry('a.txt'), fileEntry('b.txt', false), folderEntry('empty', []),
    folderEntry('sub', [fileEntry('c.txt')]), folderEntry('half', [fileEntry('d.txt')], false)
  ]);
  const transfer = {items: [{webkitGetAsEntry: () => entry}], files: []};
  const {files, folders, unread} = await fromDrop(transfer as unknown as DataTransfer);
  expect({files: files.map(({path}) => path), folders, unread}).toEqual(expected);
});

test('a file that is gone is told from one that is there', async () => {
  expect(await isReadable(new Blob(['abc']))).toBe(true);
  const gone = {size: 3, slice: () => ({arrayBuffer: fail})};
  expect(await isReadable(gone as unknown as Blob)).toBe(false);
  // A part of an empty file is read from nowhere.
  expect(await isReadable(new Blob([]))).toBe(true);
  const empty = {size: 0, slice: () => new Blob([]), arrayBuffer: fail};
  expect(await isReadable(empty as unknown as Blob)).toBe(false);
});

test('so is one without an entry, and what is no file is left out', async () => {
  const file = (name: string, isThere: boolean) =>
    ({name, size: 0, arrayBuffer: isThere ? async () => new ArrayBuffer(0) : fail});
  const item = (of: unknown) => ({webkitGetAsEntry: () => null, getAsFile: () => of});
  const items = [item(file('a.txt', true)), item(file('dead.txt', false)), item(null)];
  const {files, unread} = await fromDrop({items} as unknown as DataTransfer);
  expect(files.map(({path}) => path)).toEqual(['a.txt']);
  expect(unread).toEqual([{path: 'dead.txt', isFolder: false}]);
});
