// A quota as people write it: a number and its unit.
export const units = ['MiB', 'GiB', 'TiB'] as const;
export type Unit = (typeof units)[number];

const sizes: Record<Unit, number> = {MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4};

/** Bytes; undefined where the text is no number of at least 0, or beyond what counts exactly. */
export function parseQuota(text: string, unit: Unit): number | undefined {
  const written = text.trim().replace(',', '.');
  if (!/^\d+(\.\d+)?$|^\.\d+$/.test(written)) return undefined;
  const size = Math.round(Number(written) * sizes[unit]);
  return size <= Number.MAX_SAFE_INTEGER ? size : undefined;
}

/** In the largest unit in which it is a whole number, else to two digits. */
export function splitQuota(size: number): {text: string; unit: Unit} {
  const descending = [...units].reverse();
  const whole = descending.find((unit) => size >= sizes[unit] && size % sizes[unit] === 0);
  if (whole) return {text: String(size / sizes[whole]), unit: whole};
  const unit = descending.find((name) => size >= sizes[name]) ?? 'MiB';
  return {text: String(Math.round((size / sizes[unit]) * 100) / 100), unit};
}
