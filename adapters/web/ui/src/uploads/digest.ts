import {sha256} from '@noble/hashes/sha2';
import {bytesToHex} from '@noble/hashes/utils';

const bytesOf = async (part: Blob) => new Uint8Array(await part.arrayBuffer());

/** SHA-256 of a file, in hex, piece by piece: the browser's own takes a whole only. */
export async function sha256Of(file: Blob): Promise<string> {
  const hash = sha256.create();
  const step = 4 * 1024 * 1024;
  for (let at = 0; at < file.size; at += step)
    hash.update(await bytesOf(file.slice(at, at + step)));
  return bytesToHex(hash.digest());
}

/** A large file is sent, and known again, by blocks of so many bytes from its first on. */
export const kBlock = 16 * 1024 * 1024;

/** By the browser's own where it has that (not over plain HTTP): it works beside the page. */
async function digestOf(block: Blob): Promise<string> {
  if (!globalThis.crypto?.subtle) return sha256Of(block);
  const digest = await crypto.subtle.digest('SHA-256', await block.arrayBuffer());
  return bytesToHex(new Uint8Array(digest));
}

/** The beginning of a file, by which it is known again: SHA-256 of its blocks, each with those
 *  before it. Throws what reading the file throws. */
export class Prefix {
  end = 0;
  digest = '';
  #file: Blob;
  #next: Promise<string> | undefined;

  constructor(file: Blob) {
    this.#file = file;
  }

  /** Goes on until it has the byte before `end`. The block after it is read meanwhile. */
  async reach(end: number): Promise<void> {
    const {size} = this.#file;
    while (this.end < Math.min(end, size)) {
      const block = await (this.#next ?? this.#read());
      this.digest = bytesToHex(sha256(this.digest + block));
      this.end = Math.min(this.end + kBlock, size);
      this.#next = this.end < size ? this.#read() : undefined;
      this.#next?.catch(() => {}); // said when it is needed
    }
  }

  #read(): Promise<string> {
    return digestOf(this.#file.slice(this.end, this.end + kBlock));
  }
}
