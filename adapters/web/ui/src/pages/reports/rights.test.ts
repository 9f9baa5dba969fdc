import {describe, expect, it} from 'vitest';
import type {AuditEvent} from '../audit/filters';
import {Rights} from './rights';

let made: AuditEvent[] = [];

/** The next event, a minute after the one before it. */
function add(
  action: string, resource: string | null, details: object = {}, user: string | null = 'anna',
  success = true
): string {
  const id = made.length + 1;
  const timestamp = at(id);
  made.push({
    id, timestamp, event_type: 'SECURITY', action: action as AuditEvent['action'], user, resource,
    success, error_message: null, details: details as AuditEvent['details'], ip_address: null,
    user_agent: null
  });
  return timestamp;
}
const at = (minute: number) => `2026-05-01T00:${String(minute).padStart(2, '0')}:00.000000Z`;
const give = (path: string, grantee: string, rights = 'read', user = 'anna') =>
  add('permission_granted', path, {permission: rights, resource: path, grantee}, user);
const takeAway = (path: string, grantee: string, rights = 'read') =>
  add('permission_revoked', path, {permission: rights, resource: path, grantee});
const account = (name: string, role = 'user') => add('user_created', name, {
  changes: [{field: 'role', from: null, to: role}, {field: 'enabled', from: null, to: true}]
}, 'root');

/** The accounts with which each story begins: five minutes. */
function begin() {
  made = [];
  account('root', 'admin');
  for (const name of ['anna', 'bert', 'clara', 'dora']) account(name);
}

/** Who could see it, as `name: rights at path`, and from when to when where that is told: a
 *  beginning if it is in the range. */
function seen(path: string, from?: string, to = at(59), isWhole = true): string[] {
  const rights = new Rights(path, from, isWhole);
  for (const event of made) if (event.timestamp < to) rights.take(event);
  return rights.result(to)
    .filter(({way}) => way !== 'owner' && way !== 'admin')
    .map(({who, rights: held, path: place, begun, until}) =>
      `${who ?? 'link'}: ${held.join('+')} at ${place}` +
      (begun && from && begun.timestamp >= from ? ` from ${begun.timestamp.slice(14, 16)}` : '') +
      (until ? ` until ${until.slice(14, 16)}` : ''))
    .sort();
}
/** At a time, and not after it. */
const seenAt = (path: string, time: string) =>
  seen(path, time, time);

/** Each row as the page has it: since when, until when, and the numbers of what it rests on. An
 *  event's number is its minute. */
function rows(path: string, from?: string, isWhole = true): string[] {
  const rights = new Rights(path, from, isWhole);
  for (const event of made) rights.take(event);
  return rights.result(at(59)).filter(({who}) => who !== 'root').map(
    ({way, who, rights: held, path: place, begun, until, events}) =>
      `${who ?? way} ${held.join('+')} ${place} ${begun ? begun.id : '?'}-` +
      `${until ? Number(until.slice(14, 16)) : ''}: ${events.map(({id}) => id).join(' ')}`
  ).filter((row) => !row.startsWith('anna '));
}

describe('who could see a path', () => {
  it('has its owner and the administrators of the time', () => {
    begin();
    const made1 = add('role_changed', 'dora', {old_role: 'user', new_role: 'admin'}, 'root');
    const made2 = add('role_changed', 'dora', {old_role: 'admin', new_role: 'user'}, 'root');
    add('user_disabled', 'root', {}, 'dora');
    const rights = new Rights('/anna/a', made1, true);
    for (const event of made) rights.take(event);
    const found = rights.result(at(59)).map(({way, who, until}) => [way, who, until]);
    expect(found).toContainEqual(['owner', 'anna', undefined]);
    expect(found).toContainEqual(['admin', 'dora', made2]);
    expect(found).toContainEqual(['admin', 'root', at(8)]);
    expect(found).toHaveLength(3);
  });

  it('has what was given there and above, and below as a part', () => {
    begin();
    give('/anna', 'bert');
    give('/anna/a', 'clara', 'read,write');
    give('/anna/a/b', 'dora');
    give('/anna/ab', 'dora');
    expect(seenAt('/anna/a', at(20))).toEqual([
      'bert: read at /anna', 'clara: read+write at /anna/a', 'dora: read at /anna/a/b'
    ]);
    expect(seenAt('/anna/ab', at(20))).toEqual(['bert: read at /anna', 'dora: read at /anna/ab']);
  });

  it('forgets what was taken, all or in part, and what was not given', () => {
    begin();
    give('/anna/a', 'bert', 'read,write');
    const before = takeAway('/anna/a', 'bert', 'write');
    const gone = takeAway('/anna/a', 'bert', 'read');
    add('permission_granted', '/anna/a', {permission: 'read', grantee: 'clara'}, 'dora', false);
    expect(seenAt('/anna/a', before)).toEqual(['bert: read+write at /anna/a']);
    expect(seenAt('/anna/a', gone)).toEqual(['bert: read at /anna/a']);
    expect(seenAt('/anna/a', at(30))).toEqual([]);
  });

  it('tells of a range what began and ended in it', () => {
    begin();
    give('/anna/a', 'bert');
    give('/anna/a', 'clara');
    takeAway('/anna/a', 'bert');
    give('/anna/a', 'bert', 'read,write');
    expect(seen('/anna/a', at(7))).toEqual([
      'bert: read at /anna/a until 08', 'bert: read+write at /anna/a from 09',
      'clara: read at /anna/a from 07'
    ]);
    expect(seen('/anna/a', at(8), at(9))).toEqual([
      'bert: read at /anna/a until 08', 'clara: read at /anna/a'
    ]);
    expect(seen('/anna/a')).toHaveLength(3);
  });

  it('follows a folder that moves in its home, and not out of it', () => {
    begin();
    give('/anna/a', 'bert');
    give('/anna/a/deep', 'clara');
    const moved = add('rename', '/anna/b', {source: '/anna/a', destination: '/anna/b'});
    const left = add('move', '/dora/b', {source: '/anna/b', destination: '/dora/b'});
    expect(seenAt('/anna/a', moved)).toHaveLength(2);
    expect(seenAt('/anna/a', left)).toEqual([]);
    expect(seenAt('/anna/b', left))
      .toEqual(['bert: read at /anna/b', 'clara: read at /anna/b/deep']);
    expect(seenAt('/dora/b', at(30))).toEqual([]);
    expect(seenAt('/anna/b', at(30))).toEqual([]);
  });

  it('knows what a move took, which is told before it with the new path', () => {
    begin();
    give('/anna/a', 'bert', 'read,share');
    give('/anna/a/x', 'clara', 'read', 'bert');
    takeAway('/anna/x', 'clara');
    add('move', '/anna/x', {source: '/anna/a/x', destination: '/anna/x'});
    expect(seenAt('/anna/x', at(30))).toEqual([]);
  });

  it('does not see through the trash, and sees what came back', () => {
    begin();
    give('/anna/a', 'bert');
    add('share_created', '/anna/a', {share: 's', rights: 'read', expires_at: null, max_uses: null});
    const trashed = add('trash', '/anna/a', {kind: 'directory'});
    const back = add('restore', '/anna/c', {source: '/anna/a', kind: 'directory'});
    const again = add('trash', '/anna/c', {kind: 'directory'});
    add('purge', '/anna/c', {kind: 'directory'}, null);
    add('restore', '/anna/c', {source: '/anna/c'});
    expect(seenAt('/anna/a', trashed)).toHaveLength(2);
    expect(seenAt('/anna/a', back)).toEqual([]);
    expect(seenAt('/anna/c', again)).toEqual(['bert: read at /anna/c', 'link: read at /anna/c']);
    expect(seenAt('/anna/c', at(30))).toEqual([]);
  });

  it('ends with what is deleted or replaced', () => {
    begin();
    give('/anna/a', 'bert');
    give('/anna/b', 'bert');
    give('/anna/c', 'clara');
    add('delete', '/anna/a', {kind: 'directory'});
    add('move', '/anna/b', {source: '/anna/c', destination: '/anna/b', replaced: true});
    expect(seenAt('/anna/a', at(30))).toEqual([]);
    expect(seenAt('/anna/b', at(30))).toEqual(['clara: read at /anna/b']);
  });

  it('ends with the account, and does not go to another of its name', () => {
    begin();
    give('/anna/a', 'bert');
    const off = add('user_disabled', 'bert', {}, 'root');
    const on = add('user_enabled', 'bert', {}, 'root');
    const gone = add('user_deleted', 'bert', {}, 'root');
    account('bert');
    expect(seenAt('/anna/a', off)).toHaveLength(1);
    expect(seenAt('/anna/a', on)).toEqual([]);
    expect(seenAt('/anna/a', gone)).toHaveLength(1);
    expect(seenAt('/anna/a', at(30))).toEqual([]);
  });

  it('was of no use to a name that nobody had', () => {
    begin();
    give('/anna/a', 'emil');
    account('emil');
    expect(seenAt('/anna/a', at(30))).toEqual([]);
    expect(seen('/anna/a', at(30), at(30), false)).toEqual(['emil: read at /anna/a']);
  });

  it('ends with a home', () => {
    begin();
    give('/anna/a', 'bert');
    add('user_deleted', 'anna', {}, 'root');
    account('anna');
    expect(seenAt('/anna/a', at(30))).toEqual([]);
  });

  it('has links until they end, by hand, by time or by use', () => {
    begin();
    const link = (share: string, more: object = {}) => add('share_created', '/anna/a', {
      share, rights: 'read', has_password: false, expires_at: null, max_uses: null, ...more
    });
    link('a');
    link('b', {expires_at: at(12)});
    link('c', {max_uses: 1});
    add('share_opened', '/anna/a', {share: 'c'}, null);
    add('share_changed', '/anna/a', {
      share: 'a', changes: [{field: 'rights', from: 'read', to: 'create'}]
    });
    add('share_ended', '/anna/a', {share: 'a', uses: 0});
    expect(seen('/anna/a', at(6))).toEqual([
      'link: create at /anna/a from 10 until 11', 'link: read at /anna/a from 06 until 10',
      'link: read at /anna/a from 07 until 12', 'link: read at /anna/a from 08 until 09'
    ]);
    expect(seen('/anna/a', at(13), at(14))).toEqual([]);
    expect(seen('/anna/a', at(11), at(11))).toEqual([
      'link: create at /anna/a', 'link: read at /anna/a'
    ]);
  });

  it('of all paths', () => {
    begin();
    give('/anna/a', 'bert');
    give('/dora/b', 'clara', 'read', 'dora');
    expect(seenAt('/', at(30))).toEqual(['bert: read at /anna/a', 'clara: read at /dora/b']);
  });

  it('begins anew when an account is enabled, and rests on its disabling too', () => {
    begin();
    give('/anna/z', 'dora');
    add('user_disabled', 'dora', {}, 'root');
    add('user_enabled', 'dora', {}, 'root');
    add('trash', '/anna/z', {kind: 'directory'});
    expect(rows('/anna/z')).toEqual([
      'dora read /anna/z 6-7: 6 7', 'dora read /anna/z 8-9: 6 7 8 9'
    ]);
    expect(rows('/anna/z', at(9))).toEqual(['dora read /anna/z 8-9: 6 7 8 9']);
  });

  it('begins with the enabling, of an administrator, an owner and who made a link', () => {
    begin();
    add('role_changed', 'dora', {old_role: 'user', new_role: 'admin'}, 'root');
    add('share_created', '/anna/a', {share: 's', rights: 'read'}, 'dora');
    add('user_disabled', 'dora', {}, 'root');
    add('user_enabled', 'dora', {}, 'root');
    const today = at(20);
    expect(rows('/anna/a', today)).toEqual([
      'dora read+write+delete+share / 9-: 6 8 9', 'link read /anna/a 9-: 7 8 9'
    ]);
    expect(rows('/dora', today)).toEqual(['dora read+write+delete+share /dora 9-: 5 8 9']);
  });

  it('does not rest on what an account was before something was given to it', () => {
    begin();
    add('user_disabled', 'bert', {}, 'root');
    add('user_enabled', 'bert', {}, 'root');
    give('/anna/a', 'bert');
    add('user_disabled', 'clara', {}, 'root');
    give('/anna/a', 'clara');
    add('user_enabled', 'clara', {}, 'root');
    add('user_enabled', 'bert', {}, 'root');
    expect(rows('/anna/a')).toEqual([
      'bert read /anna/a 8-: 8', 'clara read /anna/a 11-: 9 10 11'
    ]);
  });

  it('begins with the restore under another name', () => {
    begin();
    give('/anna/z', 'dora');
    add('share_created', '/anna/z', {share: 's', rights: 'read'});
    add('trash', '/anna/z', {kind: 'directory'});
    add('restore', '/anna/zz', {source: '/anna/z', kind: 'directory'});
    expect(rows('/anna/zz/f')).toEqual([
      'dora read /anna/zz 9-: 6 8 9', 'link read /anna/zz 9-: 7 8 9'
    ]);
    expect(rows('/anna/z/f')).toEqual([
      'dora read /anna/z 6-8: 6 8', 'link read /anna/z 7-8: 7 8'
    ]);
  });

  it('has two times where it was away from its path between them', () => {
    begin();
    give('/anna/z', 'dora');
    add('trash', '/anna/z', {kind: 'directory'});
    add('restore', '/anna/z', {source: '/anna/z', kind: 'directory'});
    add('rename', '/anna/y', {source: '/anna/z'});
    add('rename', '/anna/z', {source: '/anna/y'});
    expect(rows('/anna/z')).toEqual([
      'dora read /anna/z 6-7: 6 7', 'dora read /anna/z 8-9: 6 7 8 9',
      'dora read /anna/z 10-: 6 7 8 9 10'
    ]);
  });

  it('begins with the rename or move that brought it, and rests on all of them', () => {
    begin();
    give('/anna/o/i', 'dora');
    add('rename', '/anna/p', {source: '/anna/o'});
    add('rename', '/anna/else', {source: '/anna/other'});
    add('move', '/anna/i', {source: '/anna/p/i'});
    expect(rows('/anna/i/f.txt')).toEqual(['dora read /anna/i 9-: 6 7 9']);
    expect(rows('/anna/p/i')).toEqual(['dora read /anna/p/i 7-9: 6 7 9']);
    expect(rows('/anna/i', at(30))).toEqual(['dora read /anna/i 9-: 6 7 9']);
    expect(rows('/anna')).toEqual([
      'dora read /anna/o/i 6-7: 6 7', 'dora read /anna/p/i 7-9: 6 7 9',
      'dora read /anna/i 9-: 6 7 9'
    ]);
  });

  it('has other rights from the event that changed them', () => {
    begin();
    give('/anna/a', 'bert', 'read,write');
    takeAway('/anna/a', 'bert', 'write');
    give('/anna/a', 'bert');
    give('/anna/a', 'bert', 'read,share');
    give('/anna/a/x', 'clara', 'read,write', 'bert');
    takeAway('/anna/x', 'clara', 'write');
    add('move', '/anna/x', {source: '/anna/a/x'});
    expect(rows('/anna/a', at(20))).toEqual(['bert read+share /anna/a 9-: 9']);
    expect(rows('/anna/a', at(7))).toContain('bert read /anna/a 7-9: 6 7 9');
    expect(rows('/anna/x')).toEqual(['clara read /anna/x 12-: 10 11 12']);
  });

  it('is one time when the same is given again', () => {
    begin();
    give('/anna/a', 'bert');
    give('/anna/a', 'bert');
    give('/anna/a', 'bert', 'read', 'dora');
    expect(rows('/anna/a')).toEqual(['bert read /anna/a 6-8: 6 8', 'bert read /anna/a 8-: 8']);
  });

  it('of a link: what changed it, and not when its end alone was put off', () => {
    begin();
    const change = (...changes: [string, unknown][]) => add('share_changed', '/anna/a', {
      share: 's', changes: changes.map(([field, to]) => ({field, from: null, to}))
    });
    add('share_created', '/anna/a', {share: 's', rights: 'read', expires_at: at(8), max_uses: 1});
    change(['expires_at', at(11)]);
    change(['note', 'late']); // when it would have ended
    add('share_opened', '/anna/a', {share: 's'}, null);
    change(['max_uses', 2]);
    add('user_updated', 'anna'); // after its end
    change(['expires_at', null]);
    change(['rights', 'create']);
    change(['secret', null]);
    add('share_ended', '/anna/a', {share: 's'});
    expect(rows('/anna/a')).toEqual([
      'link read /anna/a 6-9: 6 7 9', 'link read /anna/a 10-11: 6 7 10',
      'link read /anna/a 12-13: 6 7 10 12 13', 'link create /anna/a 13-14: 6 7 10 12 13 14',
      'link create /anna/a 14-15: 6 7 10 12 13 14 15'
    ]);
  });

  it('says whether a link had a password, where the record tells', () => {
    begin();
    const change = (to: boolean) => add('share_changed', '/anna/a', {
      share: 's', changes: [{field: 'has_password', from: true, to}]
    });
    add('share_created', '/anna/a', {share: 's', rights: 'read', has_password: true});
    change(true); // another
    change(false);
    add('share_created', '/anna/a', {share: 't', rights: 'read'});
    expect(rows('/anna/a')).toEqual([
      'locked_link read /anna/a 6-7: 6 7', 'locked_link read /anna/a 7-8: 6 7 8',
      'link read /anna/a 8-: 6 7 8', 'link read /anna/a 9-: 9'
    ]);
  });

  it('does not know since when, of an account that is older than the record', () => {
    begin();
    made = made.slice(0, 1);
    add('user_disabled', 'dora', {}, 'root');
    add('user_enabled', 'dora', {}, 'root');
    expect(rows('/dora', undefined, false)).toEqual([
      'dora read+write+delete+share /dora ?-2: 2', 'dora read+write+delete+share /dora 3-: 2 3'
    ]);
    expect(rows('/bert', undefined, false)).toEqual(['bert read+write+delete+share /bert ?-: ']);
  });
});
