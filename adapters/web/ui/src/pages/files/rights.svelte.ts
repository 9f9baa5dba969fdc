import type {Schemas} from '../../api/client';
import {isWithin, parentOf} from '../../lib/files/paths';
import {session} from '../../lib/session/session.svelte';
import {grantsToMe} from '../shared/grants';

type Grant = Schemas['Grant'];
export type Right = Grant['rights'][number];

const every: readonly Right[] = ['read', 'write', 'delete', 'share'];

/** What one may do where: all in one's own home, and as an administrator; elsewhere what others
 *  granted. The server decides; this is for offering no more than it allows. */
class Rights {
  /** Grows with each right and link that one gives or takes here. */
  given = $state(0);
  #granted = $state.raw<{to: string; items: Grant[]}>();
  #isUnknown = $state(false);

  /** Asks for what one may do there, unless that is all. */
  async look(path: string): Promise<void> {
    const me = session.user?.username;
    if (!me || this.#hasAll(path)) return;
    try {
      this.#granted = {to: me, items: (await grantsToMe(me)).items};
      this.#isUnknown = false;
    } catch {
      this.#isUnknown = true; // the server will tell
    }
  }

  /** undefined: it is not known yet. */
  on(path: string): readonly Right[] | undefined {
    if (this.#hasAll(path)) return every;
    if (this.#granted?.to !== session.user?.username) return this.#isUnknown ? every : undefined;
    const found = this.#granted!.items.filter((grant) => isWithin(path, grant.path));
    return every.filter((right) => found.some(({rights}) => rights.includes(right)));
  }

  may(path: string, ...wanted: Right[]): boolean {
    const held = this.on(path);
    return held !== undefined && wanted.every((right) => held.includes(right));
  }

  #hasAll(path: string): boolean {
    const {user} = session;
    return user?.role === 'admin' || (!!user && isWithin(path, '/' + user.username));
  }
}

export const rights = new Rights();

const all = (paths: string[], ...wanted: Right[]) =>
  paths.every((path) => rights.may(path, ...wanted));

/** What the server asks for, for each of what the page does. */
export const may = {
  /** With an entry; a home is neither moved nor deleted. */
  anything: (path: string) => rights.may(path, 'read') || rights.may(path, 'share') ||
    (parentOf(path) !== '' && rights.may(path, 'delete')),
  /** To copy is to read: where to, is another question. */
  download: (paths: string[]) => all(paths, 'read'),
  move: (paths: string[]) => all(paths, 'read', 'write', 'delete'),
  remove: (paths: string[]) => all(paths, 'delete'),
  share: (path: string) => rights.may(path, 'share'),
  rename: (path: string) => all([path, parentOf(path)], 'write') && rights.may(path, 'delete'),
  /** To make a file or a folder in it. */
  add: (folder: string) => folder !== '' && rights.may(folder, 'write')
};
