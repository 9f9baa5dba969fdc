import {api, ask, type User} from '../../api/client';
import {everyPage, pageQuery} from '../../lib/lists/loaded.svelte';

/** So many are looked at to find out whether an administrator is the only one. */
const kPages = 5;

export function listUsers(signal?: AbortSignal, most = 100) {
  return everyPage((cursor) => {
    const params = {query: pageQuery(cursor)};
    return ask(api.GET('/api/v1/users', signal ? {params, signal} : {params}));
  }, most);
}

/** True: nobody else who can sign in is one. False where that cannot be told. */
export async function isLastAdmin(user: User, signal?: AbortSignal): Promise<boolean> {
  if (user.role !== 'admin' || !user.enabled) return false;
  const {items, complete} = await listUsers(signal, kPages);
  return complete && isOnlyAdmin(user, items);
}

export function isOnlyAdmin(user: User, all: User[]): boolean {
  return !all.some((other) => other.id !== user.id && other.role === 'admin' && other.enabled);
}

/** Those whose name or e-mail holds every word of the text. */
export function searchUsers(users: User[], text: string): User[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return users.filter((user) => {
    const held = `${user.username} ${user.email ?? ''}`.toLowerCase();
    return words.every((word) => held.includes(word));
  });
}

export type Sort = 'username' | 'role' | 'used_bytes' | 'created_at';
const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const roles = ['admin', 'auditor', 'user'];

/** In an order, `-` before it: the other way round; names decide between equals. */
export function sortUsers(users: User[], sort: string): User[] {
  const by = sort.replace(/^-/, '') as Sort;
  const sign = sort.startsWith('-') ? -1 : 1;
  const compare = (a: User, b: User) => {
    if (by === 'used_bytes') return a.used_bytes - b.used_bytes;
    if (by === 'role') return roles.indexOf(a.role) - roles.indexOf(b.role);
    if (by === 'created_at') return order(a.created_at, b.created_at);
    return order(a.username, b.username);
  };
  return [...users].sort((a, b) => sign * compare(a, b) || order(a.username, b.username));
}

/** Why a name is none for an account; undefined where only the server can tell. */
export function usernameFault(name: string): 'short' | 'letters' | 'begin' | 'end' | undefined {
  if (name.length < 2 || name.length > 32) return 'short';
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return 'letters';
  if (!/^[A-Za-z0-9]/.test(name)) return 'begin';
  return name.endsWith('.') ? 'end' : undefined;
}
