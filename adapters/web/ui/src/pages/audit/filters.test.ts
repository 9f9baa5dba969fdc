import {describe, expect, test} from 'vitest';
import {
  apiQuery, type AuditEvent, eventHref, exportUrl, hrefWith, intervalOf, matches, readFilters,
  readRange
} from './filters';

const now = Date.parse('2026-11-27T12:00:00Z');
const query = (text: string) => new URLSearchParams(text);
const event: AuditEvent = {
  id: 1, timestamp: '2026-11-27T10:00:00.500000Z', event_type: 'FILE_ACCESS', action: 'upload',
  user: 'anna', resource: '/anna/café/x', success: true, error_message: null, details: {},
  ip_address: '192.0.2.7', user_agent: null
};

describe('filters', () => {
  test('are read from the address, and what the server would refuse is left out', () => {
    const text = 'user=anna&success=maybe&event_type=NO&action=upload&event=7&order=asc';
    expect(readFilters(query(text))).toEqual({user: 'anna', action: 'upload'});
  });
  test('a range is by name or by times', () => {
    expect(readRange(query(''), now)).toEqual({name: '7d', from: '2026-11-20T12:00:00.000000Z'});
    expect(readRange(query('range=24h'), now).from).toBe('2026-11-26T12:00:00.000000Z');
    expect(readRange(query('range=all'), now)).toEqual({name: 'all'});
    const month = readRange(query('range=month'), now);
    expect(new Date(month.from!).getDate()).toBe(1);
    expect(now - Date.parse(month.from!)).toBeLessThan(32 * 86_400_000);
    expect(eventHref({id: 7, timestamp: '2026-11-26T12:00:00.123456Z'}))
      .toBe('/audit?event=7&to=2026-11-26T12%3A00%3A00.124Z');
    expect(readRange(query('range=toString'), now).name).toBe('7d');
    expect(readRange(query('range=24h&to=2026-11-01'), now))
      .toEqual({name: 'custom', to: '2026-11-01T00:00:00.000000Z'});
    expect(readRange(query('from=nonsense'), now).name).toBe('7d');
  });
  test('are the parameters of the API, and of an export', () => {
    const filters = {success: 'false', resource_prefix: '/a&b/'};
    expect(apiQuery(filters, {name: 'all'})).toEqual({success: false, resource_prefix: '/a&b/'});
    expect(exportUrl('csv', filters, {name: 'all'}))
      .toBe('/api/v1/audit/export?format=csv&resource_prefix=%2Fa%26b%2F&success=false');
  });
  test('a link keeps the others', () => {
    expect(hrefWith(query('user=a&range=24h'), {user: undefined, action: 'x y'}))
      .toBe('/audit?range=24h&action=x+y');
  });
});

test.each([
  [{}, true],
  [{user: 'Anna'}, true],
  [{user: 'bob'}, false],
  [{resource_prefix: '/anna/cafe\u0301/'}, true],
  [{resource_prefix: '/anna/b'}, false],
  [{resource: '/anna/café/x', success: 'true', ip_address: '192.0.2.7'}, true],
  [{success: 'false'}, false],
  [{event_type: 'SECURITY'}, false],
  [{action: 'download'}, false]
])('a new event is shown where the filters %j want it', (filters, wanted) => {
  expect(matches(event, filters, {name: 'all'})).toBe(wanted);
});

test('a new event is shown where the range holds it', () => {
  const from = '2026-11-27T10:00:00.500000Z';
  expect(matches(event, {}, {name: 'custom', from})).toBe(true);
  expect(matches(event, {}, {name: 'custom', to: from})).toBe(false);
});

test.each([['24h', 'hour'], ['7d', 'day'], ['90d', 'day'], ['1y', 'week'], ['all', 'month']])(
  'the range %s is shown by the %s', (range, interval) =>
    expect(intervalOf(readRange(query(`range=${range}`), now), now)).toBe(interval)
);
