// The reports: which events each is of, and what is counted of them.
import {api, ask} from '../../api/client';
import {apiQuery, type AuditEvent, type Filters, type Range} from '../audit/filters';
import type {Holding} from './rights';

export const reportNames = [
  'access', 'seen', 'person', 'logins', 'rights', 'privileged', 'proof'
] as const;
export type ReportName = (typeof reportNames)[number];

/** What a report is about besides the range. */
export const subjectOf: Partial<Record<ReportName, 'path' | 'user'>> = {
  access: 'path', seen: 'path', person: 'user'
};

const ofActions = (...actions: string[]): Filters[] => actions.map((action) => ({action}));

/** The lists that make up a report. */
export function listsOf(name: ReportName, subject: string): Filters[] {
  switch (name) {
    case 'access': {
      const path = subject.replace(/(.)\/+$/, '$1');
      return [{resource: path}, {resource_prefix: path === '/' ? path : path + '/'}];
    }
    case 'seen':
      return []; // seen.ts reads it
    case 'person':
      return [{user: subject}, {resource: subject}];
    case 'logins':
      return ofActions('login_failed', 'second_factor_failed', 'refresh_reuse_detected');
    case 'rights':
      return ofActions(
        'permission_granted', 'permission_revoked', 'share_created', 'share_changed',
        'share_ended', 'role_changed'
      );
    case 'privileged':
      return [
        {event_type: 'USER_MANAGEMENT'}, {event_type: 'SYSTEM'},
        ...ofActions('role_changed', 'totp_disabled', 'audit_exported')
      ];
    case 'proof':
      return ofActions(
        'audit_verified', 'audit_pruned', 'audit_exported', 'keys_rotated', 'recovery_completed',
        'backup_created'
      );
  }
}

/** A page of paper has some 40: more than this nobody reads, and the export takes all. */
export const kMost = 2000;
const kPage = 1000;

export interface Found {
  /** Oldest first. */
  events: AuditEvent[];
  /** There are older ones in the range that are not listed. */
  isCut: boolean;
  /** Of a person: what was done to the account itself, by whomever, and what the person did. */
  parts?: {account: AuditEvent[]; own: AuditEvent[]};
}

export interface List {
  events: AuditEvent[];
  isCut: boolean;
}

/** Lists, each newest first, as one, oldest first. Where one was cut, all are cut there: what is
 *  listed is whole. */
export function merged(lists: List[], most = kMost): Found {
  const cuts = lists.flatMap(({events, isCut}) => (isCut ? [events.at(-1)!.timestamp] : []));
  const cut = cuts.sort().at(-1);
  const known = new Map<number, AuditEvent>();
  for (const {events} of lists)
    for (const event of events)
      if (cut === undefined || event.timestamp >= cut) known.set(event.id, event);
  const all = [...known.values()].sort((a, b) =>
    a.timestamp === b.timestamp ? a.id - b.id : a.timestamp < b.timestamp ? -1 : 1
  );
  return {events: all.slice(-most), isCut: cut !== undefined || all.length > most};
}

async function collect(filters: Filters, range: Range, signal: AbortSignal): Promise<List> {
  const events: AuditEvent[] = [];
  let cursor: string | null = null;
  do {
    const query: Record<string, unknown> = {...apiQuery(filters, range), limit: kPage};
    if (cursor) query.cursor = cursor;
    const page: {items: AuditEvent[]; next_cursor: string | null} = await ask(
      api.GET('/api/v1/audit/events', {params: {query}, signal})
    );
    events.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && events.length < kMost);
  return {events, isCut: cursor !== null};
}

export async function find(
  name: ReportName, subject: string, range: Range, signal: AbortSignal
): Promise<Found> {
  const asked = listsOf(name, subject).map((filters) => collect(filters, range, signal));
  const lists = await Promise.all(asked);
  const found = merged(lists);
  if (name !== 'person') return found;
  const [own, account] = lists.map(({events}) => {
    const ids = new Set(events.map(({id}) => id));
    return found.events.filter(({id}) => ids.has(id));
  });
  return {...found, parts: {account: account!, own: own!}};
}

/** How many were left out, as the events say that came after them. */
export function leftOut(events: AuditEvent[]): number {
  return events.reduce((sum, {details}) =>
    sum + (typeof details.suppressed === 'number' ? details.suppressed : 0), 0);
}

export interface Sum {
  name: string;
  succeeded: number;
  failed: number;
}

/** Events by what `key` says of them, the most first; those without a key are left out. */
export function sums(
  events: AuditEvent[], key: (event: AuditEvent) => string | null | undefined
): Sum[] {
  const counts = new Map<string, Sum>();
  for (const event of events) {
    const name = key(event);
    if (!name) continue;
    const sum = counts.get(name) ?? {name, succeeded: 0, failed: 0};
    if (event.success) sum.succeeded += 1;
    else sum.failed += 1;
    counts.set(name, sum);
  }
  const total = (sum: Sum) => sum.succeeded + sum.failed;
  return [...counts.values()].sort((a, b) => total(b) - total(a) || (a.name < b.name ? -1 : 1));
}

/** RFC 4180; a cell that a spreadsheet would run has an apostrophe in front. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const safe = /^\s*[=+\-@＝＋－＠']/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe === '' ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const columns = [
  'id', 'timestamp', 'event_type', 'action', 'user', 'resource', 'success', 'error_message',
  'details', 'ip_address', 'user_agent'
] as const;

/** Who could see a path, a line each, under their names. */
export function holdingLines(holdings: Holding[]): unknown[][] {
  const names = ['way', 'who', 'rights', 'path', 'given_by', 'since', 'until', 'events'];
  return [names, ...holdings.map(({way, who, rights, path, by, begun, until, events}) => [
    way, who, rights.join(' '), path, by, begun?.timestamp, until,
    events.map(({id}) => id).join(' ')
  ])];
}

/** What the report was made of, a line each; what was found of it; then the events. */
export function csv(
  facts: [string, string][], events: AuditEvent[], findings: unknown[][] = []
): string {
  const lines = [
    ...facts, [], ...(findings.length > 0 ? [...findings, []] : []), [...columns],
    ...events.map((event) => columns.map((column) => event[column]))
  ];
  return lines.map((line: unknown[]) => line.map(csvCell).join(',') + '\r\n').join('');
}
