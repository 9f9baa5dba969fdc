// Bytes as docs/audit-format.md writes them: integers big-endian, 64 bits, signed.

export type Bytes = Uint8Array<ArrayBuffer>;

const utf8 = new TextEncoder();

export function concat(...parts: Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function byte(value: number): Bytes {
  return Uint8Array.of(value);
}

export function text(value: string): Bytes {
  return utf8.encode(value) as Bytes;
}

export function int64(value: bigint | number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value));
  return bytes;
}

/** The length in bytes, unsigned, 4 bytes; then the bytes. */
export function counted(value: string): Bytes {
  const content = text(value);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, content.length);
  return concat(length, content);
}

export function hex(bytes: Uint8Array): string {
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
}

/** Undefined where it is not lower-case hex of `length` bytes. */
export function fromHex(value: unknown, length: number): Bytes | undefined {
  if (typeof value !== 'string' || value.length !== 2 * length || !/^[0-9a-f]*$/.test(value))
    return undefined;
  return Uint8Array.from({length}, (_, i) => parseInt(value.slice(2 * i, 2 * i + 2), 16));
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** Microseconds since 1970 of RFC 3339 in UTC with six digits; undefined for anything else. */
export function microseconds(value: unknown): bigint | undefined {
  if (typeof value !== 'string') return undefined;
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})Z$/.exec(value);
  if (!parts) return undefined;
  const seconds = Date.parse(parts[1] + 'Z');
  return Number.isNaN(seconds) ? undefined : BigInt(seconds) * 1000n + BigInt(parts[2]!);
}
