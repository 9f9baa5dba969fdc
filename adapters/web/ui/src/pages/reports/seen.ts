// Reads from the record who could see a path.
import {api, ask} from '../../api/client';
import type {AuditEvent, Range} from '../audit/filters';
import {
  type Holding, homeOf, inTime, isBefore, isWithin, ofAccounts, ofRights, ofTrees, Rights, ways
} from './rights';

export interface Seen {
  holdings: Holding[];
  /** What they rest on, the oldest first. */
  events: AuditEvent[];
  /** How many events were read. */
  read: number;
  /** Where what is at the path today was then, if elsewhere. */
  then: string | undefined;
}

type Query = Record<string, string | number>;
const kPage = 1000;

async function page(query: Query, signal: AbortSignal) {
  return ask(api.GET('/api/v1/audit/events', {params: {query}, signal}));
}

/** A list, the oldest first, of which a page at a time is there. */
class Stream {
  readonly #query: Query;
  readonly #signal: AbortSignal;
  #items: AuditEvent[] = [];
  #at = 0;
  #cursor: string | null | undefined;

  constructor(query: Query, signal: AbortSignal) {
    this.#query = {...query, order: 'asc', limit: kPage};
    this.#signal = signal;
  }

  get head(): AuditEvent | undefined {
    return this.#items[this.#at];
  }

  async fill(): Promise<void> {
    while (!this.head && this.#cursor !== null) {
      const cursor = this.#cursor;
      const next = await page({...this.#query, ...(cursor && {cursor})}, this.#signal);
      this.#items = next.items;
      this.#at = 0;
      this.#cursor = next.next_cursor;
    }
  }

  next(): void {
    this.#at += 1;
  }
}

/** Where what is at a path now was at a time: back along its moves. */
export async function pathAt(
  path: string, time: string, signal: AbortSignal
): Promise<string | undefined> {
  let place = path;
  let to: string | undefined;
  for (let moves = 0; moves < 100; ++moves) {
    const above = place.split('/').slice(1).map((_, i, all) => '/' + all.slice(0, i + 1).join('/'));
    const actions = ['move', 'rename', 'restore', 'create_directory'];
    const wanted = above.flatMap((resource) =>
      actions.map((action) =>
        page({action, resource, from: time, ...(to && {to}), limit: 1}, signal)
      )
    );
    const found = (await Promise.all(wanted)).flatMap(({items}) => items)
      .filter(({success}) => success);
    const last = found.reduce<AuditEvent | undefined>(
      (newest, event) => (newest && isBefore(event, newest) ? newest : event), undefined
    );
    if (!last || last.action === 'create_directory') break;
    const {source} = last.details as {source?: unknown};
    if (typeof source !== 'string') break;
    place = source + place.slice(last.resource!.length);
    to = last.timestamp;
  }
  return place === path ? undefined : place;
}

/** Reads what is needed of it, and tells how far it is. */
export async function whoCouldSee(
  asked: string, range: Range, isWhole: boolean, signal: AbortSignal,
  progress: (read: number, time: string) => void
): Promise<Seen> {
  const path = asked.normalize().replace(/(.)\/+$/, '$1');
  const to = range.to ?? new Date().toISOString().replace('Z', '000Z');
  const home = homeOf(path);
  const below: Query = home ? {to, resource_prefix: '/' + home} : {to};

  // What moves and goes counts from when there is something to take with it.
  const first = await Promise.all(
    ['permission_granted', 'share_created'].map((action) =>
      page({...below, action, order: 'asc', limit: 1}, signal)
    )
  );
  const begin = first.flatMap(({items}) => items.map(({timestamp}) => timestamp)).sort()[0];
  const streams = [
    ...ofAccounts.map((action) => new Stream({action, to}, signal)),
    ...(begin ? ofRights.map((action) => new Stream({...below, action}, signal)) : []),
    ...(begin ? ofTrees.map((action) =>
      new Stream({...(action === 'move' ? {to} : below), action, from: begin}, signal)) : [])
  ];
  await Promise.all(streams.map((stream) => stream.fill()));

  const rights = new Rights(path, range.from, isWhole);
  let read = 0;
  for (;;) {
    let next: Stream | undefined;
    for (const stream of streams)
      if (stream.head && (!next || isBefore(stream.head, next.head!))) next = stream;
    if (!next) break;
    const event = next.head!;
    rights.take(event);
    read += 1;
    next.next();
    if (!next.head) {
      progress(read, event.timestamp);
      await next.fill();
    }
  }
  const holdings = rights.result(to).sort(inOrder(path));
  const then = range.to && home ? await pathAt(path, range.to, signal) : undefined;
  return {holdings, events: inTime(holdings.flatMap(({events}) => events)), read, then};
}

/** Who has it all, then what was given here and above, then below. */
function inOrder(path: string) {
  const rank = ({way, path: given}: Holding) =>
    ways.indexOf(way) + (isWithin(path, given) ? 0 : ways.length);
  return (a: Holding, b: Holding) =>
    rank(a) - rank(b) || (a.who ?? '').localeCompare(b.who ?? '') ||
    (a.begun?.timestamp ?? '').localeCompare(b.begun?.timestamp ?? '');
}
