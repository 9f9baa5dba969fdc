import {sha256} from '@noble/hashes/sha2';
import {bytesToHex} from '@noble/hashes/utils';

/** SHA-256 of a file, in hex, piece by piece: the browser's own takes a whole only. */
export async function sha256Of(file: Blob): Promise<string> {
  const hash = sha256.create();
  const step = 4 * 1024 * 1024;
  for (let at = 0; at < file.size; at += step)
    hash.update(new Uint8Array(await file.slice(at, at + step).arrayBuffer()));
  return bytesToHex(hash.digest());
}
