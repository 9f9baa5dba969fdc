// Who could see a path, and when: folded from the events of the record, in their order. What is
// kept is what holds at a time, so that a long record takes no more memory than a short one.
import type {AuditEvent} from '../audit/filters';

/** What is read of the home that a path is in. */
export const ofRights = [
  'permission_granted', 'permission_revoked', 'share_created', 'share_changed', 'share_ended',
  'share_opened'
] as const;
/** What takes rights with it, of that home; but a move may lead into another. */
export const ofTrees = ['rename', 'trash', 'restore', 'delete', 'purge', 'move'] as const;
/** Who there was. */
export const ofAccounts = [
  'user_created', 'user_deleted', 'user_enabled', 'user_disabled', 'role_changed'
] as const;

/** The last is a link with a password. */
export const ways = ['owner', 'admin', 'grant', 'link', 'locked_link'] as const;

/** How somebody could see it, for how long. */
export interface Holding {
  way: (typeof ways)[number];
  /** An account; of a link nobody knows. */
  who: string | null;
  rights: string[];
  /** Where it was given: the path, above it, or below it, when that part alone is seen. */
  path: string;
  by: string | null;
  /** With what it began at the path that is asked for; without, it is older than the record. */
  begun?: AuditEvent;
  /** With what it ended; without, by itself, or not yet. */
  ended?: AuditEvent;
  until?: string;
  /** When it ends by itself. */
  end?: string | null;
  /** All that it rests on, its beginning and end with them, in their order. */
  events: AuditEvent[];
}

interface Account {
  role: string;
  /** What made its role. */
  event: AuditEvent;
  /** Without, it is older than the record. */
  made?: AuditEvent;
  /** When it was disabled, and enabled again. */
  off?: AuditEvent | undefined;
  on?: AuditEvent | undefined;
}

interface Given {
  path: string;
  rights: string[];
  by: string | null;
  /** How it was given, changed, and brought where it is. */
  events: AuditEvent[];
}
interface Grant extends Given {
  grantee: string;
}
interface Link extends Given {
  id: string;
  expiresAt: string | null;
  mostUses: number | null;
  uses: number;
  isLocked: boolean;
  /** The last event with which others had it: its making, another address or password. */
  turn: number;
}

interface Tree {
  grants: Grant[];
  links: Link[];
}

interface Change {
  field: string;
  to: unknown;
}

export const isBefore = (a: AuditEvent, b: AuditEvent) =>
  a.timestamp === b.timestamp ? a.id < b.id : a.timestamp < b.timestamp;
/** In their order, each once. */
export const inTime = (events: AuditEvent[]) =>
  [...new Set(events)].sort((a, b) => (isBefore(a, b) ? -1 : 1));
export const homeOf = (path: string) => path.split('/')[1] ?? '';
export const isWithin = (path: string, root: string) =>
  root === '/' || path === root || path.startsWith(root + '/');

const texts = (value: unknown) => (typeof value === 'string' ? value.split(/,\s*/) : []);
const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
const figure = (value: unknown) => (typeof value === 'number' ? value : null);
function changesOf(event: AuditEvent): Map<string, unknown> {
  const {changes} = event.details as {changes?: Change[]};
  return new Map((changes ?? []).map(({field, to}) => [field, to]));
}

export class Rights {
  readonly #path: string;
  readonly #from: string | undefined;
  readonly #isWhole: boolean;
  #accounts = new Map<string, Account>();
  /** Those that are gone, where the record does not begin with the first. */
  #former = new Set<string>();
  #grants: Grant[] = [];
  #links = new Map<string, Link>();
  /** What lies in the trash, by where it lay, the oldest first. */
  #asleep: (Tree & {path: string; event: AuditEvent})[] = [];
  /** What a move took away is told before the move, with the new path. */
  #early: AuditEvent[] = [];
  #held = new Map<string, Holding>();
  /** What ended in the time that is asked about. */
  #past: Holding[] = [];
  /** That there may be others now. */
  #isOther = true;

  /** `from`: where the time begins that is asked about. `isWhole`: the record has its first events,
   *  so an account whose making it does not tell was not there. */
  constructor(path: string, from: string | undefined, isWhole: boolean) {
    this.#path = path;
    this.#from = from;
    this.#isWhole = isWhole;
    this.#held = this.#now('');
  }

  /** The next event. */
  take(event: AuditEvent): void {
    if (!event.success) return;
    const time = event.timestamp;
    for (const [key, holding] of this.#held)
      if (holding.end && holding.end <= time) this.#end(key, holding, holding.end);
    // Of trees that matters in which something was given.
    this.#isOther = !ofTrees.some((action) => action === event.action);
    this.#apply(event);
    if (!this.#isOther) return;
    // What is other than before the event begins, or ends, with it.
    const now = this.#now(time);
    for (const [key, holding] of this.#held)
      if (!now.has(key)) this.#end(key, holding, time, event);
    for (const [key, found] of now)
      this.#held.set(key, Object.assign(this.#held.get(key) ?? {...found, begun: event}, found));
  }

  /** All that held at some time of it; `to`: where it ends. */
  result(to: string): Holding[] {
    for (const [key, holding] of this.#held)
      if (holding.end && holding.end < to) this.#end(key, holding, holding.end);
    return [...this.#past, ...this.#held.values()].map((holding) => {
      const {begun = [], ended = [], events} = holding;
      return {...holding, events: inTime(events.concat(begun, ended))};
    });
  }

  #end(key: string, holding: Holding, until: string, ended?: AuditEvent) {
    this.#held.delete(key);
    const from = this.#from ?? '';
    if (ended ? until >= from : until > from)
      this.#past.push({...holding, until, ...(ended && {ended})});
  }

  #exists(name: string) {
    return this.#accounts.has(name) || (!this.#isWhole && !this.#former.has(name));
  }
  #isOn(name: string) {
    const account = this.#accounts.get(name);
    return this.#exists(name) && (!account?.off || account.on !== undefined);
  }
  /** With an account's last disabling and enabling, where that came after. */
  #with(events: AuditEvent[], name: string | null): AuditEvent[] {
    const {off, on} = this.#accounts.get(name ?? '') ?? {};
    return off && on && (!events[0] || isBefore(events[0], on)) ? [...events, off, on] : events;
  }
  #isAsked(path: string) {
    return isWithin(this.#path, path) || isWithin(path, this.#path);
  }

  /** All that holds, each by what makes it another. */
  #now(time: string): Map<string, Holding> {
    const now = new Map<string, Holding>();
    const add = (found: Holding, turn = found.events[0]?.id) => {
      const {way, who, rights, path, by} = found;
      const user = who ?? by; // a link sleeps with who made it
      if (user !== null && !this.#isOn(user)) return;
      found.events = this.#with(found.events, user);
      now.set(JSON.stringify([way, who, rights, path, by, turn]), found);
    };
    const home = homeOf(this.#path);
    const rights = ['read', 'write', 'delete', 'share'];
    const {made = []} = this.#accounts.get(home) ?? {};
    if (home)
      add({way: 'owner', who: home, rights, path: '/' + home, by: null, events: [made].flat()});
    for (const [who, {role, event}] of this.#accounts)
      if (role === 'admin' && who !== home)
        add({way: 'admin', who, rights, path: '/', by: event.user, events: [event]});
    for (const {grantee, path, rights, by, events} of this.#grants)
      if (this.#isAsked(path)) add({way: 'grant', who: grantee, rights, path, by, events});
    for (const link of this.#links.values()) {
      const {path, rights, by, events, expiresAt: end, mostUses, uses, isLocked, turn} = link;
      if (!this.#isAsked(path) || (mostUses !== null && uses >= mostUses)) continue;
      if (end && end <= time) continue;
      const way = isLocked ? 'locked_link' : 'link';
      add({way, who: null, rights, path, by, events, end}, turn);
    }
    return now;
  }

  #apply(event: AuditEvent) {
    const details = event.details as Record<string, unknown>;
    const place = event.resource ?? '';
    switch (event.action) {
      case 'user_created': {
        const made = changesOf(event);
        this.#former.delete(place);
        this.#accounts.set(place, {
          role: text(made.get('role')) ?? 'user', event, made: event,
          off: made.get('enabled') === false ? event : undefined
        });
        return;
      }
      case 'user_deleted':
        this.#accounts.delete(place);
        this.#former.add(place);
        this.#lose('/' + place);
        this.#asleep = this.#asleep.filter(({path}) => homeOf(path) !== place);
        this.#grants = this.#grants.filter(({grantee}) => grantee !== place);
        for (const tree of this.#asleep)
          tree.grants = tree.grants.filter(({grantee}) => grantee !== place);
        return;
      case 'user_enabled':
        if (!this.#isOn(place)) this.#of(place, event).on = event;
        return;
      case 'user_disabled':
        if (this.#isOn(place)) Object.assign(this.#of(place, event), {off: event, on: undefined});
        return;
      case 'role_changed':
        Object.assign(this.#of(place, event), {role: text(details.new_role) ?? 'user', event});
        return;
      case 'permission_granted':
        return this.#grant(event, text(details.grantee) ?? '');
      case 'permission_revoked':
        if (!this.#revoke(event)) this.#early.push(event);
        return;
      case 'share_created':
        this.#links.set(text(details.share) ?? '', {
          id: text(details.share) ?? '', path: place, rights: texts(details.rights),
          by: event.user, events: [event], expiresAt: text(details.expires_at) ?? null,
          mostUses: figure(details.max_uses), uses: 0, isLocked: details.has_password === true,
          turn: event.id
        });
        return;
      case 'share_changed':
        return this.#change(event, this.#links.get(text(details.share) ?? ''));
      case 'share_opened': {
        const link = this.#links.get(text(details.share) ?? '');
        if (link) link.uses += 1;
        this.#isOther = link?.mostUses === link?.uses;
        return;
      }
      case 'share_ended':
        this.#links.delete(text(details.share) ?? '');
        for (const tree of this.#asleep)
          tree.links = tree.links.filter(({id}) => id !== details.share);
        return;
      case 'move':
      case 'rename':
        if (details.replaced === true) this.#lose(place);
        return this.#move(text(details.source) ?? '', event);
      case 'trash':
        this.#asleep.push({path: place, event, ...this.#lose(place)});
        return;
      case 'restore':
        if (details.replaced === true) this.#lose(place);
        return this.#wake(text(details.source) ?? place, event);
      case 'delete':
        this.#lose(place);
        return;
      case 'purge': {
        const index = this.#asleep.findIndex(({path}) => path === place);
        if (index >= 0) this.#asleep.splice(index, 1);
      }
    }
  }

  #of(name: string, event: AuditEvent): Account {
    const known = this.#accounts.get(name) ?? {role: 'user', event};
    this.#accounts.set(name, known);
    return known;
  }

  #grant(event: AuditEvent, grantee: string) {
    const path = event.resource ?? '';
    const {user: by, details} = event;
    const rights = texts((details as {permission?: unknown}).permission);
    const index = this.#grants.findIndex((one) => one.path === path && one.grantee === grantee);
    const before = this.#grants[index];
    // The same again changes nothing.
    if (before && before.by === by && `${before.rights}` === `${rights}`) return;
    if (before) this.#grants.splice(index, 1);
    // To a name that nobody had it gave nothing: that is not told to who gives.
    if (this.#exists(grantee)) this.#grants.push({path, grantee, rights, by, events: [event]});
  }

  #revoke(event: AuditEvent): boolean {
    const {grantee, permission} = event.details as {grantee?: unknown; permission?: unknown};
    const index = this.#grants.findIndex(
      (one) => one.path === event.resource && one.grantee === grantee
    );
    const grant = this.#grants[index];
    if (!grant) return false;
    this.#isOther = true;
    const gone = texts(permission);
    const rights = grant.rights.filter((right) => !gone.includes(right));
    if (rights.length === 0) this.#grants.splice(index, 1);
    else this.#grants[index] = {...grant, rights, events: [...grant.events, event]};
    return true;
  }

  #change(event: AuditEvent, link: Link | undefined) {
    if (!link) return;
    const changes = changesOf(event);
    if (changes.has('rights')) link.rights = texts(changes.get('rights'));
    if (changes.has('expires_at')) link.expiresAt = text(changes.get('expires_at')) ?? null;
    if (changes.has('max_uses')) link.mostUses = figure(changes.get('max_uses'));
    if (changes.has('has_password')) link.isLocked = changes.get('has_password') === true;
    if (changes.has('has_password') || changes.has('secret')) link.turn = event.id;
    if ([...changes.keys()].some((field) => !/^note$|bytes/.test(field)))
      link.events = [...link.events, event];
  }

  /** Takes what was given at a path and below it. */
  #lose(root: string): Tree {
    const grants = this.#grants.filter(({path}) => isWithin(path, root));
    const links = [...this.#links.values()].filter(({path}) => isWithin(path, root));
    if (grants.length > 0) this.#grants = this.#grants.filter(({path}) => !isWithin(path, root));
    for (const {id} of links) this.#links.delete(id);
    this.#isOther ||= grants.length + links.length > 0;
    return {grants, links};
  }

  /** Puts it where the last of the events brought it. */
  #put({grants, links}: Tree, from: string, ...events: AuditEvent[]) {
    const to = events.at(-1)!.resource ?? '';
    const moved = <T extends Given>(one: T) =>
      ({...one, path: to + one.path.slice(from.length), events: [...one.events, ...events]});
    this.#isOther ||= grants.length + links.length > 0;
    this.#grants.push(...grants.map(moved));
    for (const link of links) this.#links.set(link.id, moved(link));
  }

  #move(from: string, event: AuditEvent) {
    const taken = this.#lose(from);
    if (homeOf(from) === homeOf(event.resource ?? '')) this.#put(taken, from, event);
    this.#catchUp();
  }

  #wake(from: string, event: AuditEvent) {
    const index = this.#asleep.findLastIndex(({path}) => path === from);
    const tree = this.#asleep.splice(index, index < 0 ? 0 : 1)[0];
    if (tree) this.#put(tree, from, tree.event, event);
    this.#catchUp();
  }

  #catchUp() {
    for (const event of this.#early.splice(0)) this.#revoke(event);
  }
}
