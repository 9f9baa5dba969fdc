import {dateTime, i18n, number} from './i18n.svelte';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** A size as people read it: `1.4 MiB`. */
export function bytes(size: number): string {
  let unit = 0;
  let value = size;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  // 1023.97 KiB is not to be read as 1,024 KiB.
  if (unit > 0 && value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${number(value, {maximumFractionDigits: digits})} ${units[unit]}`;
}

export function rate(bytesPerSecond: number): string {
  return `${bytes(Math.round(bytesPerSecond))}/s`;
}

/** A time in a list: today's by the hour, this year's by the day, else with the year. */
export function listTime(value: string, now = new Date()): string {
  const time = new Date(value);
  if (time.toDateString() === now.toDateString()) return dateTime(time, {timeStyle: 'short'});
  if (time.getFullYear() === now.getFullYear())
    return dateTime(time, {day: 'numeric', month: 'short'});
  return dateTime(time, {day: 'numeric', month: 'short', year: 'numeric'});
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]
];

/** How far a time is away: `in 3 days`, `2 minutes ago`. */
export function relative(value: string | number | Date, now = Date.now()): string {
  const seconds = Math.round((new Date(value).getTime() - now) / 1000);
  const [unit, size] = steps.find(([, s]) => Math.abs(seconds) >= s) ?? ['second', 1];
  const format = new Intl.RelativeTimeFormat(i18n.locale, {numeric: 'auto'});
  return format.format(Math.round(seconds / size), unit);
}

/** A span in seconds, by its two largest units: `1 h 20 min`. */
export function span(seconds: number): string {
  const s = Math.max(0, Math.ceil(seconds));
  const unit = (value: number, name: string) =>
    number(value, {style: 'unit', unit: name, unitDisplay: 'short'});
  if (s < 60) return unit(s, 'second');
  const minutes = Math.ceil(s / 60);
  if (minutes < 60) return unit(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return unit(Math.floor(hours / 24), 'day');
  const rest = minutes % 60;
  return rest ? `${unit(hours, 'hour')} ${unit(rest, 'minute')}` : unit(hours, 'hour');
}
