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

export type Way = 'owner' | 'admin' | 'grant' | 'link';

/** How somebody could see it, for how long. */
export interface Holding {
  way: Way;
  /** An account; of a link nobody knows. */
  who: string | null;
  rights: string[];
  /** Where it was given: the path, above it, or below it, when that part alone is seen. */
  path: string;
  by: string | null;
  /** What made it so; without, the record does not tell. */
  event: AuditEvent | undefined;
  /** Of the time that is asked about; without, from its beginning, or to its end. */
  from?: string | undefined;
  until?: string | undefined;
  /** What ended it. */
  ended?: AuditEvent | undefined;
}

interface Account {
  role: string;
  isEnabled: boolean;
  /** What made its role. */
  event: AuditEvent;
  made: AuditEvent;
}

interface Given {
  path: string;
  rights: string[];
  by: string | null;
  event: AuditEvent;
}
interface Grant extends Given {
  grantee: string;
}
interface Link extends Given {
  id: string;
  expiresAt: string | null;
  mostUses: number | null;
  uses: number;
}

interface Change {
  field: string;
  to: unknown;
}

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
  #asleep: {path: string; grants: Grant[]; links: Link[]}[] = [];
  /** What a move took away is told before the move, with the new path. */
  #early: AuditEvent[] = [];
  #held = new Map<string, Holding>();
  #past: Holding[] = [];
  #isOpen = false;

  /** `from`: where the time begins that is asked about. `isWhole`: the record has its first events,
   *  so an account whose making it does not tell was not there. */
  constructor(path: string, from: string | undefined, isWhole: boolean) {
    this.#path = path;
    this.#from = from;
    this.#isWhole = isWhole;
  }

  /** The next event. */
  take(event: AuditEvent): void {
    if (!event.success) return;
    if (!this.#isOpen && this.#from !== undefined && event.timestamp >= this.#from) this.#open();
    this.#apply(event);
    if (this.#isOpen || this.#from === undefined) {
      this.#isOpen = true;
      this.#compare(event);
    }
  }

  /** All that held at some time of it; `to`: where it ends. */
  result(to: string): Holding[] {
    if (!this.#isOpen) this.#open();
    const all = [...this.#past, ...this.#held.values()];
    return all.flatMap((holding) => {
      const end = this.#ends.get(holding);
      if (!end || end >= (holding.until ?? to)) return [holding];
      if (end <= (holding.from ?? this.#from ?? '')) return [];
      return [{...holding, until: end, ended: undefined}];
    });
  }
  /** When a link ends by itself. */
  #ends = new Map<Holding, string>();

  #open() {
    this.#isOpen = true;
    for (const [key, holding] of this.#now()) this.#held.set(key, holding);
  }

  /** What is other than before the event begins, or ends, with it. */
  #compare(event: AuditEvent) {
    const now = this.#now();
    for (const [key, holding] of this.#held)
      if (!now.has(key)) {
        this.#held.delete(key);
        this.#past.push(Object.assign(holding, {until: event.timestamp, ended: event}));
      }
    for (const [key, holding] of now)
      if (!this.#held.has(key))
        this.#held.set(key, Object.assign(holding, {from: event.timestamp}));
  }

  #exists(name: string) {
    return this.#accounts.has(name) || (!this.#isWhole && !this.#former.has(name));
  }
  #isOn(name: string) {
    return this.#exists(name) && (this.#accounts.get(name)?.isEnabled ?? true);
  }
  #isAsked(path: string) {
    return isWithin(this.#path, path) || isWithin(path, this.#path);
  }

  /** All that holds, each by what makes it another. */
  #now(): Map<string, Holding> {
    const now = new Map<string, Holding>();
    const add = (holding: Holding, more: unknown = '') => {
      const {way, who, rights, path, by, event} = holding;
      now.set(JSON.stringify([way, who, rights, path, by, event?.id, more]), holding);
    };
    const home = homeOf(this.#path);
    const all = ['read', 'write', 'delete', 'share'];
    if (home && this.#isOn(home))
      add({
        way: 'owner', who: home, rights: all, path: '/' + home, by: null,
        event: this.#accounts.get(home)?.made
      });
    for (const [name, {role, isEnabled, event}] of this.#accounts)
      if (role === 'admin' && isEnabled && name !== home)
        add({way: 'admin', who: name, rights: all, path: '/', by: event.user, event});
    for (const {grantee, path, rights, by, event} of this.#grants)
      if (this.#isAsked(path) && this.#isOn(grantee))
        add({way: 'grant', who: grantee, rights, path, by, event});
    for (const link of this.#links.values()) {
      const {path, rights, by, event, expiresAt, mostUses, uses} = link;
      if (!this.#isAsked(path) || (by !== null && !this.#isOn(by))) continue;
      if (mostUses !== null && uses >= mostUses) continue;
      const holding: Holding = {way: 'link', who: null, rights, path, by, event};
      if (expiresAt) this.#ends.set(holding, expiresAt);
      add(holding, expiresAt);
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
          role: text(made.get('role')) ?? 'user', isEnabled: made.get('enabled') !== false, event,
          made: event
        });
        return;
      }
      case 'user_deleted':
        this.#accounts.delete(place);
        this.#former.add(place);
        this.#drop('/' + place);
        this.#asleep = this.#asleep.filter(({path}) => homeOf(path) !== place);
        this.#grants = this.#grants.filter(({grantee}) => grantee !== place);
        for (const tree of this.#asleep)
          tree.grants = tree.grants.filter(({grantee}) => grantee !== place);
        return;
      case 'user_enabled':
      case 'user_disabled':
        this.#of(place, event).isEnabled = event.action === 'user_enabled';
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
          by: event.user, event, expiresAt: text(details.expires_at) ?? null,
          mostUses: figure(details.max_uses), uses: 0
        });
        return;
      case 'share_changed':
        return this.#change(event, this.#links.get(text(details.share) ?? ''));
      case 'share_opened': {
        const link = this.#links.get(text(details.share) ?? '');
        if (link) link.uses += 1;
        return;
      }
      case 'share_ended':
        this.#links.delete(text(details.share) ?? '');
        for (const tree of this.#asleep)
          tree.links = tree.links.filter(({id}) => id !== details.share);
        return;
      case 'move':
      case 'rename':
        if (details.replaced === true) this.#drop(place);
        return this.#move(text(details.source) ?? '', place);
      case 'trash':
        this.#asleep.push({path: place, ...this.#take(place)});
        return;
      case 'restore':
        if (details.replaced === true) this.#drop(place);
        return this.#wake(text(details.source) ?? place, place);
      case 'delete':
        this.#drop(place);
        return;
      case 'purge': {
        const index = this.#asleep.findIndex(({path}) => path === place);
        if (index >= 0) this.#asleep.splice(index, 1);
      }
    }
  }

  #of(name: string, event: AuditEvent): Account {
    const known = this.#accounts.get(name) ?? {role: 'user', isEnabled: true, event, made: event};
    this.#accounts.set(name, known);
    return known;
  }

  #grant(event: AuditEvent, grantee: string) {
    const path = event.resource ?? '';
    this.#grants = this.#grants.filter((one) => one.path !== path || one.grantee !== grantee);
    // To a name that nobody had it gave nothing: that is not told to who gives.
    if (!this.#exists(grantee)) return;
    const rights = texts((event.details as {permission?: unknown}).permission);
    this.#grants.push({path, grantee, rights, by: event.user, event});
  }

  #revoke({resource, details}: AuditEvent): boolean {
    const {grantee, permission} = details as {grantee?: unknown; permission?: unknown};
    const index = this.#grants.findIndex(
      (one) => one.path === resource && one.grantee === grantee
    );
    const grant = this.#grants[index];
    if (!grant) return false;
    const gone = texts(permission);
    const rights = grant.rights.filter((right) => !gone.includes(right));
    if (rights.length === 0) this.#grants.splice(index, 1);
    else this.#grants[index] = {...grant, rights};
    return true;
  }

  #change(event: AuditEvent, link: Link | undefined) {
    if (!link) return;
    const changes = changesOf(event);
    if (changes.has('rights')) link.rights = texts(changes.get('rights'));
    if (changes.has('expires_at')) link.expiresAt = text(changes.get('expires_at')) ?? null;
    if (changes.has('max_uses')) link.mostUses = figure(changes.get('max_uses'));
  }

  /** Takes what was given at a path and below it. */
  #take(root: string): {grants: Grant[]; links: Link[]} {
    const grants = this.#grants.filter(({path}) => isWithin(path, root));
    const links = [...this.#links.values()].filter(({path}) => isWithin(path, root));
    if (grants.length > 0) this.#grants = this.#grants.filter(({path}) => !isWithin(path, root));
    for (const {id} of links) this.#links.delete(id);
    return {grants, links};
  }
  #drop(root: string) {
    this.#take(root);
  }

  #put({grants, links}: {grants: Grant[]; links: Link[]}, from: string, to: string) {
    const moved = <T extends Given>(one: T) => ({...one, path: to + one.path.slice(from.length)});
    this.#grants.push(...grants.map(moved));
    for (const link of links) this.#links.set(link.id, moved(link));
  }

  #move(from: string, to: string) {
    const taken = this.#take(from);
    if (homeOf(from) === homeOf(to)) this.#put(taken, from, to);
    this.#catchUp();
  }

  #wake(from: string, to: string) {
    const index = this.#asleep.findLastIndex(({path}) => path === from);
    if (index >= 0) this.#put(this.#asleep.splice(index, 1)[0]!, from, to);
    this.#catchUp();
  }

  #catchUp() {
    for (const event of this.#early.splice(0)) this.#revoke(event);
  }
}
