/** How long a key lives: days, for ever, or to the end of a day. */
export const lives = ['month', 'quarter', 'year', 'never', 'date'] as const;
export type Life = (typeof lives)[number];

const days = {month: 30, quarter: 90, year: 365};

/** When it ends, for the API; null: never; undefined: the date is missing, or over. */
export function endOf(life: Life, date: string, now = new Date()): string | null | undefined {
  if (life === 'never') return null;
  if (life !== 'date') return new Date(now.getTime() + days[life] * 86_400_000).toISOString();
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined;
  // To the end of that day here.
  const end = new Date(`${date}T23:59:59`);
  return Number.isNaN(end.getTime()) || end <= now ? undefined : end.toISOString();
}
