import {expect, test, vi} from 'vitest';
import type {AuditEvent} from '../audit/filters';
import {csv, csvCell, leftOut, listsOf, merged, reportNames, sums} from './reports';

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

test('sums count by what is asked, the most first', () => {
  const events = [event(1, 1, {user: 'ben'}), event(2, 2), event(3, 3, {success: true}),
                  event(4, 4, {user: null})];
  expect(sums(events, ({user}) => user)).toEqual([
    {name: 'anna', succeeded: 1, failed: 1}, {name: 'ben', succeeded: 0, failed: 1}
  ]);
});

test.each([
  [null, ''], ['', '""'], ['a,b', '"a,b"'], ['say "hi"', '"say ""hi"""'], ['=1+1', "'=1+1"],
  [' @x', "' @x"], ["'quoted", "''quoted"], [{a: [1]}, '"{""a"":[1]}"'], [true, 'true'], [-1, "'-1"]
])('the cell of %j', (value, wanted) => expect(csvCell(value)).toBe(wanted));

test('a CSV says what it was made of', () => {
  const text = csv([['Head', 'ab']], [event(1, 1)]);
  const lines = text.split('\r\n');
  expect(lines[0]).toBe('Head,ab');
  expect(lines[1]).toBe('');
  expect(lines[2]).toMatch(/^id,timestamp,/);
  expect(lines[3]).toMatch(/^1,2026-11-27T10:00:01.000000Z,SECURITY,login_failed,anna,,false,/);
});

test('what was left out is summed of the events that count it', () => {
  const counted = [{suppressed: 3}, {}, {suppressed: 4}, {suppressed: 'x'}];
  expect(leftOut(counted.map((details, i) => event(i, 1, {details})))).toBe(7);
});
