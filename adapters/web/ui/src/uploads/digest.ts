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

const kSample = 4096;
const kSamples = 256;

/** By what a large file is told from another of its size: SHA-256 of samples from its first byte
 *  to its last, which cost the same however large it is. */
export async function markOf(file: Blob): Promise<string> {
  const hash = sha256.create();
  const step = Math.max(kSample, Math.ceil(file.size / kSamples));
  for (let at = 0; at < file.size; at += step)
    hash.update(await bytesOf(file.slice(at, at + kSample)));
  hash.update(await bytesOf(file.slice(-kSample)));
  return bytesToHex(hash.digest());
}
