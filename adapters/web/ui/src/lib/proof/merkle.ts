// RFC 6962 section 2.1: the tree of a seal, and the path from one of its leaves to its root.
import {byte, type Bytes, concat, sha256} from './bytes';

export function leafNode(leaf: Bytes): Promise<Bytes> {
  return sha256(concat(byte(0), leaf));
}

export function innerNode(left: Bytes, right: Bytes): Promise<Bytes> {
  return sha256(concat(byte(1), left, right));
}

/** How many nodes the path has from `index` to the root of `count` leaves. */
export function pathLength(index: number, count: number): number {
  let length = 0;
  let last = count - 1;
  while (last > 0) {
    // The last node of an odd row goes up as it is.
    if (index < last || index % 2 === 1) length += 1;
    index = Math.floor(index / 2);
    last = Math.floor(last / 2);
  }
  return length;
}

/** The root that a leaf's node leads to (RFC 9162 section 2.1.3.2); undefined where the path is not
 *  as long as its place asks for. */
export async function rootOfPath(
  node: Bytes, index: number, count: number, path: Bytes[]
): Promise<Bytes | undefined> {
  if (index < 0 || index >= count || path.length !== pathLength(index, count)) return undefined;
  let hash = node;
  let last = count - 1;
  let used = 0;
  while (last > 0) {
    if (index % 2 === 1) hash = await innerNode(path[used++]!, hash);
    else if (index < last) hash = await innerNode(hash, path[used++]!);
    index = Math.floor(index / 2);
    last = Math.floor(last / 2);
  }
  return hash;
}
