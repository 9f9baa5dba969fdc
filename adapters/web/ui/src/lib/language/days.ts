// Days as people count them: in their own time zone.

export interface Day<T> {
  /** Its beginning, by Date.now(). */
  start: number;
  items: T[];
}

function startOf(time: Date): number {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
}

/** What is in order of time, by days. */
export function byDay<T extends {timestamp: string}>(items: T[]): Day<T>[] {
  const days: Day<T>[] = [];
  for (const item of items) {
    const start = startOf(new Date(item.timestamp));
    const day = days.at(-1);
    if (day?.start === start) day.items.push(item);
    else days.push({start, items: [item]});
  }
  return days;
}

/** How many days ago a day was: 0 is today. */
export function daysAgo(start: number, now = new Date()): number {
  return Math.round((startOf(now) - start) / 86_400_000);
}

/** `2026-11-24`, of a date field, as the range of that day; undefined where it is none. */
export function dayRange(text: string | null): {from: string; to: string} | undefined {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text ?? '');
  if (!found) return undefined;
  const [year, month, day] = found.slice(1).map(Number) as [number, number, number];
  const from = new Date(year, month - 1, day);
  if (from.getMonth() !== month - 1 || from.getDate() !== day) return undefined;
  return {from: from.toISOString(), to: new Date(year, month - 1, day + 1).toISOString()};
}

/** A time as its day for a date field, here; `before`: of what ends with that time. */
export function dayOf(time: string | undefined, before = false): string {
  if (!time) return '';
  const date = new Date(Date.parse(time) - (before ? 1 : 0));
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
