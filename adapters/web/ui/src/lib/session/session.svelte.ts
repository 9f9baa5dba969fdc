// Who is signed in. The access token lives here, in memory; the refresh token is a cookie that no
// script can read, so a reload refreshes. One tab refreshes for all: the others wait for its lock
// and then have its token, by a channel. A sign-out in one is one in all.
import {asProblem, type Problem, problemOf} from '../../api/problem';
import type {components} from '../../api/schema';

type TokenReply = components['schemas']['TokenReply'];
type User = components['schemas']['User'];

interface Held {
  token: string;
  /** By Date.now(). */
  endsAt: number;
  user: User;
  setupRequired: boolean;
}

type Message = {kind: 'held'; held: Held} | {kind: 'ended'};

const kMark = 'baluhost.signed-in';
const kLock = 'baluhost.refresh';
/** Since when a page waits for a refresh: it stays where that page went meanwhile. */
const kAsked = 'baluhost.refreshing';

/** A token that was spent so short ago does not end its session. */
const kGrace = 9_000;

/** A token is replaced so long before its end, but after half of its life at the earliest. */
const kEarly = 60_000;

export type State = 'unknown' | 'signed-in' | 'signed-out';

function mark(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

/** When a token that came now and lives so long is to be replaced, in ms from now. */
export function refreshDelay(life: number): number {
  return Math.max(life - kEarly, life / 2);
}

class Session {
  state = $state<State>('unknown');
  user = $state<User>();
  /** The server lets one in for nothing but the setup of a second factor. */
  setupRequired = $state(false);
  /** Signed out by somebody else than the user: a session that ended. */
  wasEnded = $state(false);

  #held: Held | undefined;
  #last: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #refreshing: Promise<Held | undefined> | undefined;
  #channel = new BroadcastChannel('baluhost.session');

  constructor() {
    this.#channel.onmessage = (event: MessageEvent<Message>) => this.#hear(event.data);
  }

  /** The first look: is there a session that a reload left? Throws a `Problem` when offline. */
  async begin(): Promise<void> {
    if (!mark()?.getItem(kMark)) {
      this.state = 'signed-out';
      return;
    }
    await this.#refresh();
  }

  /** A token for a call; undefined where nobody is signed in. */
  async token(): Promise<string | undefined> {
    if (this.#held && this.#held.endsAt - Date.now() > 5_000) return this.#held.token;
    if (this.state === 'signed-out') return undefined;
    return (await this.#refresh())?.token;
  }

  /** One that is not `spent`, which the server refused. */
  async replace(spent: string): Promise<string | undefined> {
    if (this.#held && this.#held.token !== spent) return this.#held.token;
    if (this.#held) this.#held.endsAt = 0;
    return (await this.#refresh())?.token;
  }

  /** After a login by form: what it was answered with. */
  enter(reply: TokenReply): void {
    mark()?.setItem(kMark, '1');
    this.wasEnded = false;
    this.#take(reply);
  }

  /** Is it another person than the one whose session ended in this page? */
  #isOther(user: User): boolean {
    const before = this.#last;
    this.#last = user.username;
    if (before === undefined || before === user.username) return false;
    location.replace('/files');
    return true;
  }

  /** Ends the session here, in all tabs, and at the server. Throws a `Problem`. */
  async leave(everywhere = false): Promise<void> {
    const token = await this.token();
    const path = everywhere ? '/api/v1/auth/logout-all' : '/api/v1/auth/logout';
    const headers = {Authorization: `Bearer ${token}`};
    const response = await fetch(path, {method: 'POST', headers}).catch((e) => {
      throw asProblem(e);
    });
    if (!response.ok && response.status !== 401)
      throw problemOf(response, await response.json().catch(() => undefined));
    this.#end(false);
    this.#channel.postMessage({kind: 'ended'} satisfies Message);
  }

  /** What one changed about oneself. */
  update(user: User): void {
    this.user = user;
    if (this.#held) this.#held.user = user;
  }

  #take(reply: TokenReply): Held {
    const held = {
      token: reply.access_token,
      endsAt: Date.now() + reply.expires_in * 1000,
      user: reply.user,
      setupRequired: reply.second_factor_setup_required === true
    };
    this.#hold(held);
    this.#channel.postMessage({kind: 'held', held} satisfies Message);
    return held;
  }

  #hold(held: Held): void {
    if (this.#isOther(held.user)) return;
    this.#held = held;
    this.user = held.user;
    this.setupRequired = held.setupRequired;
    this.state = 'signed-in';
    this.#schedule(refreshDelay(held.endsAt - Date.now()));
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#refresh().catch((problem: Problem) => {
        // The line is down, or the server is busy: the session itself goes on.
        if (this.state === 'signed-in') this.#schedule((problem.retryAfter ?? 5) * 1000);
      });
    }, delay);
  }

  #hear(message: Message): void {
    if (message.kind === 'held') this.#hold(message.held);
    if (message.kind === 'ended' && this.state === 'signed-in') this.#end(false);
  }

  #end(wasEnded: boolean): void {
    clearTimeout(this.#timer);
    mark()?.removeItem(kMark);
    this.#held = undefined;
    this.user = undefined;
    this.setupRequired = false;
    this.wasEnded = wasEnded;
    this.state = 'signed-out';
    // Nothing of one person stays in the page for the next: no upload, no list, no address.
    if (!wasEnded && !location.pathname.startsWith('/s/')) location.replace('/login');
  }

  /** One at a time in this tab, and in all. */
  #refresh(): Promise<Held | undefined> {
    this.#refreshing ??= this.#refreshLocked().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #refreshLocked(): Promise<Held | undefined> {
    const before = this.#held;
    if (!navigator.locks) return this.#ask();
    return navigator.locks.request(kLock, async () => {
      // Another tab may have been first.
      if (this.#held && this.#held !== before) return this.#held;
      if (this.state === 'signed-out') return undefined;
      return this.#ask();
    });
  }

  /** A page that went while it asked has spent the refresh token, and the answer with the next one
   *  may still be under way to the browser: then a refusal is not the last word. */
  async #ask(): Promise<Held | undefined> {
    const asked = Number(mark()?.getItem(kAsked) ?? 0);
    const until = Math.min(asked, Date.now()) + kGrace;
    mark()?.setItem(kAsked, String(Date.now()));
    for (let wait = 100; ; wait *= 2) {
      const {response, body} = await this.#send();
      const isRefused = response.status === 401 || response.status === 403;
      if (isRefused && Date.now() + wait < until) {
        await new Promise((resolve) => setTimeout(resolve, wait));
        continue;
      }
      mark()?.removeItem(kAsked);
      if (response.ok) return this.#take(body as TokenReply);
      if (!isRefused) throw problemOf(response, body);
      this.#end(true);
      return undefined;
    }
  }

  /** It is finished by the browser even if the page goes: its answer has the next cookie. */
  async #send(): Promise<{response: Response; body: unknown}> {
    try {
      const response = await fetch('/api/v1/auth/refresh', {
        method: 'POST',
        headers: {'X-Requested-With': 'baluhost'},
        keepalive: true
      });
      return {response, body: await response.json().catch(() => undefined)};
    } catch (error) {
      throw asProblem(error);
    }
  }
}

export const session = new Session();
