// Public keys of seals: PEM of RFC 8410, one block or several, as the server's file has them.
import {type Bytes, hex, same, sha256} from './bytes';

export interface PublicKey {
  id: string;
  raw: Bytes;
}

/** Of a SubjectPublicKeyInfo with Ed25519: all but the key itself. */
const kPrefix = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0);

const kBlock = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/g;

function decode(base64: string): Bytes | undefined {
  try {
    return Uint8Array.from(atob(base64.replace(/\s/g, '')), (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** The keys of a PEM text; none where a block is not an Ed25519 key, or there is no block. */
export async function readKeys(pem: string): Promise<PublicKey[]> {
  const keys: PublicKey[] = [];
  for (const [, base64] of pem.matchAll(kBlock)) {
    const der = decode(base64!);
    if (der?.length !== 44 || !same(der.subarray(0, 12), kPrefix)) return [];
    const raw = der.slice(12);
    keys.push({id: hex((await sha256(raw)).subarray(0, 8)), raw});
  }
  return keys;
}

export function toPem(key: PublicKey): string {
  const der = String.fromCharCode(...kPrefix, ...key.raw);
  return `-----BEGIN PUBLIC KEY-----\n${btoa(der)}\n-----END PUBLIC KEY-----\n`;
}

export type Support = 'yes' | 'insecure' | 'no-ed25519';

const importKey = (key: PublicKey) =>
  crypto.subtle.importKey('raw', key.raw, {name: 'Ed25519'}, false, ['verify']);

/** Whether this browser can check a signature here: not on plain HTTP but from the machine itself,
 *  and not before it learned Ed25519. */
export async function support(): Promise<Support> {
  if (!globalThis.crypto?.subtle) return 'insecure';
  try {
    // The key of RFC 8032 section 7.1, test 1.
    const raw = Uint8Array.from(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'.match(/../g)!,
      (b) => parseInt(b, 16)
    );
    await importKey({id: '', raw});
    return 'yes';
  } catch {
    return 'no-ed25519';
  }
}

export async function fits(key: PublicKey, signature: Bytes, signed: Bytes): Promise<boolean> {
  return crypto.subtle.verify({name: 'Ed25519'}, await importKey(key), signature, signed);
}
