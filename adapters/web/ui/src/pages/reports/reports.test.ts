import {expect, test, vi} from 'vitest';
import {doubtsOf} from '../audit/proof/doubts';
import type {AuditEvent} from '../audit/filters';
import {csv, csvCell, findingLines, inParts, leftOut, listsOf, merged, reportNames, sums,
  touches} from './reports';

vi.hoisted(() => {
  vi.stubGlobal('location', new URL('http://localhost/'));
  vi.stubGlobal('BroadcastChannel', class {});
});

function event(id: number, second: number, more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id, timestamp: `2026-11-27T10:00:0${second}.000000Z`, event_type: 'SECURITY',
    action: 'login_failed', user: 'anna', resource: null, success: false,
    error_message: 'invalid_credentials', details: {}, ip_address: '192.0.2.7', user_agent: null,
    ...more
  };
}

test('lists become one, oldest first, each event once', () => {
  const found = merged([
    {events: [event(4, 3), event(1, 0)], isCut: false},
    {events: [event(4, 3), event(3, 1), event(2, 1)], isCut: false}
  ]);
  expect(found.events.map(({id}) => id)).toEqual([1, 2, 3, 4]);
  expect(found.isCut).toBe(false);
});

test('where one list was cut, nothing older is listed', () => {
  const found = merged([
    {events: [event(4, 4), event(1, 0)], isCut: false},
    {events: [event(5, 5), event(3, 3)], isCut: true}
  ]);
  expect(found.events.map(({id}) => id)).toEqual([3, 4, 5]);
  expect(found.isCut).toBe(true);
  const many = merged([{events: [event(2, 2), event(1, 1)], isCut: false}], 1);
  expect(many).toMatchObject({events: [{id: 2}], isCut: true});
});

test('access to a path is that to it and to all below, and to no other that begins so', () => {
  expect(listsOf('access', '/anna/a')).toEqual([
    {resource: '/anna/a'}, {resource_prefix: '/anna/a/'}
  ]);
  expect(listsOf('access', '/anna/a//')[1]).toEqual({resource_prefix: '/anna/a/'});
  expect(listsOf('access', '/')[1]).toEqual({resource_prefix: '/'});
  for (const name of reportNames.filter((one) => one !== 'seen'))
    expect(listsOf(name, 'x').length).toBeGreaterThan(0);
});

test('access to a path tells what took a folder above it to the trash', () => {
  expect(listsOf('access', '/anna/a/b/c').slice(2)).toEqual([
    {action: 'trash', resource: '/anna/a'}, {action: 'restore', resource: '/anna/a'},
    {action: 'trash', resource: '/anna/a/b'}, {action: 'restore', resource: '/anna/a/b'}
  ]);
});

const idsOf = (name: 'access' | 'person' | 'logins', subject: string, ...events: AuditEvent[]) =>
  Object.fromEntries(inParts(name, subject, events).map((part) =>
    [part.name, part.events.map(({id}) => id)]));

test('who read is told from who changed, was refused and gave rights', () => {
  const files = (
    id: number, action: AuditEvent['action'], success: boolean, details: AuditEvent['details'] = {}
  ) =>
    event(id, 1, {action, success, details, event_type: 'FILE_ACCESS', resource: '/anna/a'});
  const away = {source: '/anna/a', destination: '/ben/a'};
  const here = {source: '/ben/a', destination: '/anna/a'};
  expect(idsOf('access', '/anna/a/',
    files(1, 'download', true), files(2, 'upload', true), files(3, 'download', false),
    files(4, 'download', false, {bytes_sent: 7}), files(5, 'copy', true, away),
    files(6, 'copy', true, here), files(7, 'move', true, away), files(8, 'copy', false, away),
    files(9, 'permission_granted', true), files(10, 'share_opened', true),
    files(11, 'access_denied', false)
  )).toEqual({read: [1, 4, 5], changed: [2, 6, 7], refused: [3, 8, 11], rights: [9, 10]});
});

test('what took a path elsewhere took it, or what is above it or below', () => {
  const of = (place: unknown) => touches('/anna/a/b', place);
  expect(['/anna/a', '/anna/a/b', '/anna/a/b/c'].map(of)).toEqual([true, true, true]);
  expect(['/anna/a/bc', '/anna/ab', undefined].map(of)).toEqual([false, false, false]);
});

test('who tries to sign in under a name is not who has it', () => {
  expect(idsOf('person', 'Anna',
    event(1, 1), event(2, 1, {action: 'second_factor_failed'}),
    event(3, 1, {action: 'login_success', success: true}),
    event(4, 1, {action: 'user_updated', user: 'admin', resource: 'anna', success: true}),
    event(5, 1, {action: 'password_changed', resource: 'anna', success: true}),
    event(6, 1, {action: 'refresh_reuse_detected'})
  )).toEqual({account: [4], own: [3, 5], tries: [1, 2, 6]});
});

test('tries at links stand apart from tries to sign in', () => {
  expect(idsOf(
    'logins', '', event(1, 1, {action: 'login_failed'}), event(2, 1, {action: 'share_opened'}),
    event(3, 1, {action: 'second_factor_failed'})
  )).toEqual({signins: [1], codes: [3], links: [2]});
});

test('sums count by what is asked, the most first', () => {
  const events = [event(1, 1, {user: 'ben'}), event(2, 2), event(3, 3, {success: true}),
                  event(4, 4, {user: null})];
  const doubts = doubtsOf([{kind: 'event_changed', event: 2, detail: ''}]);
  expect(sums(events, ({user}) => user, doubts)).toEqual([
    {name: 'anna', succeeded: 1, failed: 1, doubtful: true},
    {name: 'ben', succeeded: 0, failed: 1, doubtful: false}
  ]);
});

test.each([
  [null, ''], ['', '""'], ['a,b', '"a,b"'], ['say "hi"', '"say ""hi"""'], ['=1+1', "'=1+1"],
  [' @x', "' @x"], ["'quoted", "''quoted"], [{a: [1]}, '"{""a"":[1]}"'], [true, 'true'], [-1, "'-1"]
])('the cell of %j', (value, wanted) => expect(csvCell(value)).toBe(wanted));

test('a CSV says what it was made of', () => {
  const doubts = doubtsOf([{kind: 'event_changed', event: 2, detail: ''}]);
  const text = csv([['Head', 'ab']], [event(1, 1), event(2, 2)], [], doubts);
  const lines = text.split('\r\n');
  expect(lines[0]).toBe('Head,ab');
  expect(lines[1]).toBe('');
  expect(lines[2]).toMatch(/^id,timestamp,.*,user_agent,found$/);
  expect(lines[3]).toMatch(/^1,2026-11-27T10:00:01.000000Z,SECURITY,login_failed,anna,,false,.*,$/);
  expect(lines[4]).toMatch(/^2,.*,event_changed$/);
});

test('what the last verification found is told at the head of a CSV', () => {
  const problems = [1, 2, 3].map((event) => ({
    kind: 'event_missing', event, seal: 7, detail: 'the event is gone, its leaf is there'
  }));
  const lines = findingLines({problems, count: 9}, 2);
  // Without a language in use a text is its name.
  const text = 'audit.event_number, audit.seal_number, the event is gone, its leaf is there';
  expect(lines).toEqual([
    ['report.last_verification', 'report.altered'],
    ['audit.problem.event_missing', text], ['audit.problem.event_missing', text],
    ['', 'audit.verify.more_other']
  ]);
  expect(findingLines(undefined, 2)).toHaveLength(2);
});

test('what was left out is summed of the events that count it', () => {
  const counted = [{suppressed: 3}, {}, {suppressed: 4}, {suppressed: 'x'}];
  expect(leftOut(counted.map((details, i) => event(i, 1, {details})))).toBe(7);
});
