// Which events are shown: a part of the address, so that a link shows the same.
import type {Schemas} from '../../api/client';

export type AuditEvent = Schemas['AuditEvent'];
export type EventType = AuditEvent['event_type'];

export const eventTypes: EventType[] = [
  'FILE_ACCESS', 'SECURITY', 'USER_MANAGEMENT', 'SYSTEM', 'DISK_MONITOR'
];

/** The filters of the API but for the time, in the order in which they are shown. */
export const filterNames = [
  'event_type', 'action', 'user', 'resource', 'resource_prefix', 'success', 'ip_address'
] as const;
export type FilterName = (typeof filterNames)[number];
export type Filters = Partial<Record<FilterName, string>>;

/** How far back: hours. `all` and a range of one's own have none. */
export const spans = {'1h': 1, '24h': 24, '7d': 168, '30d': 720, '90d': 2160, '1y': 8766} as const;
export type Span = keyof typeof spans;
export type RangeName = Span | 'month' | 'all' | 'custom';
export const rangeNames: RangeName[] = [
  '1h', '24h', '7d', 'month', '30d', '90d', '1y', 'all', 'custom'
];

export interface Range {
  name: RangeName;
  /** RFC 3339, inclusive. */
  from?: string;
  /** Exclusive. */
  to?: string;
}

const kUsual: RangeName = '7d';

function time(value: string | null): string | undefined {
  if (!value || Number.isNaN(Date.parse(value))) return undefined;
  return stamp(Date.parse(value));
}

/** As the server writes times, with six digits: so they compare as texts. */
function stamp(time: number): string {
  return new Date(time).toISOString().replace('Z', '000Z');
}

/** What is filtered by an address. */
export function readFilters(query: URLSearchParams): Filters {
  const filters: Filters = {};
  for (const name of filterNames) {
    const value = query.get(name);
    if (!value) continue;
    if (name === 'success' && value !== 'true' && value !== 'false') continue;
    if (name === 'event_type' && !eventTypes.includes(value as EventType)) continue;
    filters[name] = value;
  }
  return filters;
}

export function readRange(query: URLSearchParams, now = Date.now()): Range {
  const from = time(query.get('from'));
  const to = time(query.get('to'));
  if (from || to) return {name: 'custom', ...(from && {from}), ...(to && {to})};
  const wanted = query.get('range') as RangeName | null;
  if (wanted === 'all') return {name: 'all'};
  if (wanted === 'month') {
    const day = new Date(now);
    return {name: 'month', from: stamp(new Date(day.getFullYear(), day.getMonth(), 1).getTime())};
  }
  const name = wanted && Object.hasOwn(spans, wanted) ? (wanted as Span) : (kUsual as Span);
  return {name, from: stamp(now - spans[name] * 3_600_000)};
}

/** The parameters of a list or an export. */
export function apiQuery(filters: Filters, range: Range) {
  const {event_type, success, ...others} = filters;
  return {
    ...others,
    ...(event_type && {event_type: event_type as EventType}),
    ...(success && {success: success === 'true'}),
    ...(range.from && {from: range.from}),
    ...(range.to && {to: range.to})
  };
}

export function exportUrl(format: 'csv' | 'ndjson', filters: Filters, range: Range): string {
  const query = new URLSearchParams({format});
  for (const [name, value] of Object.entries(apiQuery(filters, range)))
    query.set(name, String(value));
  return `/api/v1/audit/export?${query}`;
}

/** Does a new event belong to what is shown? As the server filters. */
export function matches(event: AuditEvent, filters: Filters, range: Range): boolean {
  if (filters.event_type && event.event_type !== filters.event_type) return false;
  if (filters.action && event.action !== filters.action) return false;
  if (filters.user && event.user !== filters.user.toLowerCase()) return false;
  if (filters.resource && event.resource !== filters.resource.normalize()) return false;
  if (filters.resource_prefix && !event.resource?.startsWith(filters.resource_prefix.normalize()))
    return false;
  if (filters.success && event.success !== (filters.success === 'true')) return false;
  if (filters.ip_address && event.ip_address !== filters.ip_address) return false;
  if (range.from && event.timestamp < range.from) return false;
  return !(range.to && event.timestamp >= range.to);
}

/** The address of the record with other filters; undefined takes one off. */
export function hrefWith(
  query: URLSearchParams, changes: Record<string, string | undefined>, path = '/audit'
): string {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes))
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, value);
  const text = next.toString();
  return path + (text ? '?' + text : '');
}

/** An event in the list that ends with it: so it is in view, however many came after it. */
export function eventHref({id, timestamp}: Pick<AuditEvent, 'id' | 'timestamp'>): string {
  const to = new Date(Date.parse(timestamp) + 1).toISOString();
  return `/audit?${new URLSearchParams({event: String(id), to})}`;
}

/** Of a range, for the figures over time: some 20 to 200 bars. */
export function intervalOf(range: Range, now = Date.now()): 'hour' | 'day' | 'week' | 'month' {
  if (!range.from) return 'month';
  const hours = ((range.to ? Date.parse(range.to) : now) - Date.parse(range.from)) / 3_600_000;
  if (hours <= 72) return 'hour';
  if (hours <= 24 * 120) return 'day';
  return hours <= 24 * 800 ? 'week' : 'month';
}
