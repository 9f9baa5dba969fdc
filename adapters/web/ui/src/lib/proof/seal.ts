// A seal: what its signature covers, and the hash by which the next one names it.
import type {Schemas} from '../../api/client';
import {byte, type Bytes, concat, counted, fromHex, int64, microseconds, sha256, text}
  from './bytes';

export type Seal = Schemas['Seal'];

/** Undefined where it is no seal. */
export function signedBytes(seal: Seal): Bytes | undefined {
  const root = fromHex(seal.root, 32);
  const previous = fromHex(seal.previous, 32);
  const sealedAt = microseconds(seal.sealed_at);
  const numbers = [seal.seal, seal.first_event, seal.last_event, seal.count];
  if (!root || !previous || sealedAt === undefined) return undefined;
  if (!numbers.every(Number.isSafeInteger) || typeof seal.key_id !== 'string') return undefined;
  return concat(
    text('BaluHost seal v1\n'),
    ...numbers.map(int64),
    root,
    previous,
    int64(sealedAt),
    byte(seal.recovered === true ? 1 : 0),
    counted(seal.key_id)
  );
}

/** What the next seal repeats: also the head that the server shows. */
export async function sealHash(seal: Seal): Promise<Bytes | undefined> {
  const signed = signedBytes(seal);
  const signature = fromHex(seal.signature, 64);
  return signed && signature && sha256(concat(signed, signature));
}
