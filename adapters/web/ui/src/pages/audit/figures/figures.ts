// What the figures are made of: the server's counts, as bars.
import type {Schemas} from '../../../api/client';
import {type EventType, eventTypes, type Range} from '../filters';

export type Statistics = Schemas['AuditStatistics'];
export type Counts = Statistics['by_user'];
export type Series = NonNullable<Statistics['series']>;

export interface Row {
  name: string;
  succeeded: number;
  failed: number;
}

/** The busiest first. */
export function rows(counts: Counts, most = 10): Row[] {
  return Object.entries(counts)
    .map(([name, {succeeded, failed}]) => ({name, succeeded, failed}))
    .sort((a, b) => b.succeeded + b.failed - a.succeeded - a.failed || (a.name < b.name ? -1 : 1))
    .slice(0, most);
}

export interface Stack {
  /** A kind of event that succeeded, or all that failed. */
  name: EventType | 'failed';
  values: number[];
}

/** For each bar what succeeded, by kind, and what failed; kinds of which there is nothing are left
 *  out. */
export function stacks(series: Series): Stack[] {
  const kinds = eventTypes.map((name) => ({
    name,
    values: series.map(({by_event_type}) => by_event_type[name]?.succeeded ?? 0)
  }));
  const failed = series.map(({by_event_type}) =>
    Object.values(by_event_type).reduce((sum, {failed}) => sum + failed, 0)
  );
  return [...kinds, {name: 'failed' as const, values: failed}].filter(({values}) =>
    values.some((value) => value > 0)
  );
}

/** The hours of more than a year are more than the server counts. */
export function mayHaveHours({from, to}: Range, now = Date.now()): boolean {
  const end = to ? Date.parse(to) : now;
  return from !== undefined && end - Date.parse(from) < 400 * 86_400_000;
}

/** Events by the hour of the day, here; `hour`: of a time. */
export function byHour(
  series: Series, hour = (start: string) => new Date(start).getHours()
): number[] {
  const sums = Array.from({length: 24}, () => 0);
  for (const {start, by_event_type} of series)
    for (const {succeeded, failed} of Object.values(by_event_type))
      sums[hour(start)]! += succeeded + failed;
  return sums;
}
