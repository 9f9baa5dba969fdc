import {api, ask, type FileInfo} from '../../api/client';
import {asProblem} from '../../api/problem';
import {everyPage, pageQuery} from '../lists/loaded.svelte';
import {nameOf, parentOf} from './paths';

/** So many questions for one name each cost as much as a page of a folder. */
const kPerPage = 20;

export async function metaOf(path: string): Promise<FileInfo | undefined> {
  try {
    return await ask(api.GET('/api/v1/meta/{path}', {params: {path: {path}}}));
  } catch (error) {
    if (asProblem(error).code === 'not_found') return undefined;
    throw error;
  }
}

type Entries = Map<string, FileInfo> | undefined;

/** What lies where a job is to put things: asked beforehand, as what the server refuses is a
 *  failure on the record. */
export class Existing {
  readonly #root: string;
  readonly #most: number;
  readonly #folders = new Map<string, Promise<Entries>>();

  /** For `count` things that go to the folder `root`, or below it. */
  constructor(root: string, count: number) {
    this.#root = root;
    this.#most = 1 + Math.floor(count / kPerPage);
  }

  /** What is at a path; undefined: nothing that one may see. */
  async at(path: string): Promise<FileInfo | undefined> {
    const entries = await this.#entries(parentOf(path));
    return entries ? entries.get(nameOf(path).normalize('NFC')) : metaOf(path);
  }

  /** Of the job itself. */
  async add(info: FileInfo): Promise<void> {
    (await this.#folders.get(parentOf(info.path)))?.set(info.name, info);
  }

  /** undefined: there are more than it is worth reading. */
  #entries(folder: string): Promise<Entries> {
    let entries = this.#folders.get(folder);
    if (!entries) {
      entries = this.#read(folder);
      this.#folders.set(folder, entries);
      entries.catch(() => this.#folders.delete(folder));
    }
    return entries;
  }

  async #read(path: string): Promise<Entries> {
    if (path !== this.#root && (await this.at(path))?.kind !== 'directory') return new Map();
    try {
      const {items, complete} = await everyPage((cursor) => {
        const params = {path: {path}, query: pageQuery(cursor)};
        return ask(api.GET('/api/v1/dirs/{path}', {params}));
      }, this.#most);
      return complete ? new Map(items.map((item) => [item.name, item])) : undefined;
    } catch (error) {
      // Whoever may write without seeing learns it from the answer.
      if (/^(not_found|forbidden)$/.test(asProblem(error).code)) return new Map();
      throw error;
    }
  }
}
