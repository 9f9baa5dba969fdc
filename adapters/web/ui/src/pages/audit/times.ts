import {dateTime} from '../../lib/language/i18n.svelte';

/** A time in the list, by the second: today's without the day. */
export function rowTime(value: string, now = new Date()): string {
  const time = new Date(value);
  const clock: Intl.DateTimeFormatOptions = {
    hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'
  };
  if (time.toDateString() === now.toDateString()) return dateTime(time, clock);
  const isThisYear = time.getFullYear() === now.getFullYear();
  if (isThisYear) return dateTime(time, {day: '2-digit', month: 'short', ...clock});
  return dateTime(time, {
    day: '2-digit', month: '2-digit', year: '2-digit', hour: '2-digit', minute: '2-digit',
    hourCycle: 'h23'
  });
}

/** In full, with the zone. */
export function fullTime(value: string): string {
  return dateTime(value, {dateStyle: 'full', timeStyle: 'long'});
}
