// The reports: which events each is of, and what is counted of them.
import {api, ask} from '../../api/client';
import {t, tn, type Key} from '../../lib/language/i18n.svelte';
import {type Doubts, doubtsOf, type Found as Findings, isDoubtful} from '../audit/proof/doubts';
import {apiQuery, type AuditEvent, type Filters, type Range} from '../audit/filters';
import {foundSays} from '../audit/proof/found';
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

/** As the record has it. */
export const pathOf = (subject: string) => subject.normalize().replace(/(.)\/+$/, '$1');

/** The lists that make up a report. */
export function listsOf(name: ReportName, subject: string): Filters[] {
  switch (name) {
    case 'access': {
      const path = pathOf(subject);
      // What takes a folder along names the folder alone.
      const above = path.split('/').slice(2, -1).map((_, i) =>
        path.split('/').slice(0, i + 3).join('/'));
      return [
        {resource: path}, {resource_prefix: path === '/' ? path : path + '/'},
        ...above.flatMap((resource) => ['trash', 'restore'].map((action) => ({action, resource})))
      ];
    }
    case 'seen':
      return []; // seen.ts reads it
    case 'person':
      return [{user: subject.toLowerCase()}, {resource: subject.toLowerCase()}];
    case 'logins':
      return [
        ...ofActions('login_failed', 'second_factor_failed', 'refresh_reuse_detected'),
        {action: 'share_opened', success: 'false'}
      ];
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
  /** They again, each in one part, where a report has several. */
  parts: Part[];
}

export type PartName =
  | 'read' | 'changed' | 'rights' | 'refused' | 'account' | 'tries' | 'own' | 'signins' | 'codes'
  | 'links' | 'all';

export interface Part {
  name: PartName;
  events: AuditEvent[];
}

export interface List {
  events: AuditEvent[];
  isCut: boolean;
}

/** Lists, each newest first, as one, oldest first. Where one was cut, all are cut there: what is
 *  listed is whole. */
export function merged(lists: List[], most = kMost): Omit<Found, 'parts'> {
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

/** Bytes left, whether all or not; or it is elsewhere as well, where others may read it. */
const isRead = ({action, success, details}: AuditEvent): boolean =>
  action === 'download' ? success || Number(details.bytes_sent) > 0 : action === 'copy' && success;

/** Who tries is not who is named until the password and the code were right. */
const isTry = ({action}: AuditEvent): boolean =>
  /^(login_failed|second_factor_failed|refresh_reuse_detected)$/.test(action);

/** The parts of a report; an event is of the first that takes it, else of the last. */
function partsOf(name: ReportName, subject: string): [PartName, (e: AuditEvent) => boolean][] {
  const rest = () => true;
  switch (name) {
    case 'access': {
      const path = pathOf(subject);
      return [
        // A copy that was made to here changed it, and read another.
        ['read', (e) => isRead(e) && (e.action !== 'copy' || touches(path, e.details.source))],
        ['refused', (e) => !e.success],
        ['rights', ({action}) => /^(permission|share|key)_/.test(action)],
        ['changed', rest]
      ];
    }
    case 'person':
      return [
        ['tries', isTry],
        ['account', ({user, resource}) =>
          resource === subject.toLowerCase() && user !== subject.toLowerCase()],
        ['own', rest]
      ];
    case 'logins':
      // The first are what the figures call so.
      return [
        ['signins', ({action}) => action === 'login_failed'],
        ['links', ({action}) => action === 'share_opened'], ['codes', rest]
      ];
    default:
      return [['all', rest]];
  }
}

/** In which they are shown. */
const order: PartName[] = [
  'read', 'changed', 'refused', 'rights', 'account', 'signins', 'codes', 'own', 'tries', 'links',
  'all'
];

export function inParts(name: ReportName, subject: string, events: AuditEvent[]): Part[] {
  const parts = partsOf(name, subject);
  const lists = parts.map(([name]): Part => ({name, events: []}));
  for (const event of events)
    lists[parts.findIndex(([, takes]) => takes(event))]!.events.push(event);
  return lists.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

const isIn = (a: string, b: string) => a === b || a.startsWith(b === '/' ? b : b + '/');

/** Whether it is at a path, or above it or below. */
export const touches = (path: string, place: unknown): boolean =>
  typeof place === 'string' && (isIn(place, path) || isIn(path, place));

/** Somebody guessed the password of a link, or its address; one that is asked for is no try. */
const isGuess = ({details: {reason}}: AuditEvent): boolean =>
  /^(password|secret|unknown|throttled)$/.test(String(reason));

type Progress = (read: number, time: string) => void;

async function collect(
  filters: Filters, range: Range, signal: AbortSignal, keep = (_: AuditEvent) => true,
  progress?: Progress
): Promise<List> {
  let read = 0;
  const events: AuditEvent[] = [];
  let cursor: string | null = null;
  do {
    const query: Record<string, unknown> = {...apiQuery(filters, range), limit: kPage};
    if (cursor) query.cursor = cursor;
    const page: {items: AuditEvent[]; next_cursor: string | null} = await ask(
      api.GET('/api/v1/audit/events', {params: {query}, signal})
    );
    events.push(...page.items.filter(keep));
    cursor = page.next_cursor;
    read += page.items.length;
    if (cursor) progress?.(read, page.items.at(-1)!.timestamp);
  } while (cursor && events.length < kMost);
  return {events, isCut: cursor !== null};
}

export async function find(
  name: ReportName, subject: string, range: Range, signal: AbortSignal, progress: Progress
): Promise<Found> {
  const asked = listsOf(name, subject).map((filters) =>
    collect(filters, range, signal, filters.action === 'share_opened' ? isGuess : undefined));
  // They stand under where it went: all are read for those that took it from here, or brought it
  // with what is above.
  const path = pathOf(subject);
  const home = '/' + path.split('/')[1]!;
  const moves: Filters[] = [
    {action: 'copy'}, {action: 'move'}, {action: 'rename', resource_prefix: home}
  ];
  const moved = name !== 'access' ? [] : moves.map((filters) =>
    collect(filters, range, signal, ({details: {source, destination}}) =>
      touches(path, source) || touches(path, destination), progress));
  const found = merged(await Promise.all([...asked, ...moved]));
  return {...found, parts: inParts(name, subject, found.events)};
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
  /** Some of them are not to be trusted. */
  doubtful: boolean;
}

/** Events by what `key` says of them, the most first; those without a key are left out. */
export function sums(
  events: AuditEvent[], key: (event: AuditEvent) => string | null | undefined,
  doubts: Doubts = doubtsOf()
): Sum[] {
  const counts = new Map<string, Sum>();
  for (const event of events) {
    const name = key(event);
    if (!name) continue;
    const sum = counts.get(name) ?? {name, succeeded: 0, failed: 0, doubtful: false};
    if (event.success) sum.succeeded += 1;
    else sum.failed += 1;
    sum.doubtful ||= isDoubtful(doubts.get(event.id));
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

/** What the last verification found, which any report may lack: a line each, `most` of them. */
export function findingLines(found: Findings | undefined, most: number): [string, string][] {
  const head = t('report.last_verification');
  const lines: [string, string][] = [[head, t('report.altered')]];
  if (!found) return [...lines, [head, t('audit.verify.unlisted')]];
  for (const {kind, event, seal, detail} of found.problems.slice(0, most))
    lines.push([t(`audit.problem.${kind}` as Key), [
      event !== undefined && t('audit.event_number', {id: event}),
      seal !== undefined && t('audit.seal_number', {number: seal}), foundSays(detail).text
    ].filter(Boolean).join(', ')]);
  const more = found.count - (lines.length - 1);
  if (more > 0) lines.push(['', tn('audit.verify.more', more)]);
  return lines;
}

/** What the report was made of, a line each; what was found of it; then the events. */
export function csv(
  facts: [string, string][], events: AuditEvent[], findings: unknown[][] = [],
  doubts: Doubts = doubtsOf()
): string {
  const lines = [
    ...facts, [], ...(findings.length > 0 ? [...findings, []] : []), [...columns, 'found'],
    ...events.map((event) => [
      ...columns.map((column) => event[column]),
      doubts.get(event.id)?.map(({kind}) => kind).join(' ')
    ])
  ];
  return lines.map((line: unknown[]) => line.map(csvCell).join(',') + '\r\n').join('');
}
