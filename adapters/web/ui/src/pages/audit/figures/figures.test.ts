import {expect, test} from 'vitest';
import {byHour, mayHaveHours, rows, type Series, stacks} from './figures';
import {standing} from '../proof/standing';
import type {Status} from '../proof/doubts';

const series: Series = [
  {start: '2026-11-26T23:00:00.000000Z', by_event_type: {}},
  {
    start: '2026-11-27T23:00:00.000000Z',
    by_event_type: {
      FILE_ACCESS: {succeeded: 5, failed: 1}, SECURITY: {succeeded: 0, failed: 2}
    }
  }
];

test('the bars stack what succeeded by kind, and what failed', () => {
  expect(stacks(series)).toEqual([
    {name: 'FILE_ACCESS', values: [0, 5]}, {name: 'failed', values: [0, 3]}
  ]);
  expect(stacks([])).toEqual([]);
});

test('the hours of the day are summed', () => {
  const hours = byHour([...series, series[1]!], (start) => Number(start.slice(11, 13)));
  expect(hours).toHaveLength(24);
  expect(hours[23]).toBe(16);
  expect(hours.reduce((a, b) => a + b)).toBe(16);
});

test('the busiest come first, as many by name', () => {
  const counts = {
    b: {succeeded: 1, failed: 1}, a: {succeeded: 0, failed: 2}, c: {succeeded: 9, failed: 0}
  };
  expect(rows(counts).map(({name}) => name)).toEqual(['c', 'a', 'b']);
  expect(rows(counts, 1)).toHaveLength(1);
});

const now = Date.parse('2026-11-27T12:00:00Z');
const status: Status = {
  newest_seal: 7, sealed_at: '2026-11-27T11:59:59.000000Z', head: 'ab', events: 42, unsealed: 0,
  oldest_unsealed_at: null, key_id: 'x', public_key: null, anchor: {seal: 7, matches: true},
  last_verification: null, retention_days: 0, pruned_before: null
};
const report = {ok: true, events: 42, seals: 7, unsealed: 0, problems: []};
const last = {at: '2026-11-27T08:00:00.000000Z', ok: true, by: 'rita'};

test('no more is said of the trail than was found', () => {
  const key = (changes: Partial<Status>, found?: typeof report) =>
    standing({...status, ...changes}, now, found).key;
  expect(key({})).toBe('unverified');
  expect(key({newest_seal: null})).toBe('none');
  expect(key({last_verification: last})).toBe('verified');
  expect(key({}, report)).toBe('verified');
  expect(key({last_verification: {...last, ok: false}})).toBe('failed');
  expect(key({last_verification: last}, {...report, ok: false})).toBe('problems');
  expect(key({anchor: {seal: 7, matches: false}}, report)).toBe('anchor');
  expect(key({last_verification: last, oldest_unsealed_at: '2026-11-27T11:58:00.000000Z'}))
    .toBe('late');
  expect(key({last_verification: last, oldest_unsealed_at: '2026-11-27T11:59:30.000000Z'}))
    .toBe('verified');
});

test('the hours of a range that may be long past, but of no more than the server counts', () => {
  const may = (from?: string, to?: string) =>
    mayHaveHours({name: 'custom', ...(from && {from}), ...(to && {to})}, now);
  expect(may('2026-01-01T00:00:00Z')).toBe(true);
  expect(may('2025-01-01T00:00:00Z')).toBe(false);
  expect(may('2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z')).toBe(true);
  expect(may('2020-01-01T00:00:00Z', '2022-01-01T00:00:00Z')).toBe(false);
  expect(may(undefined, '2021-01-01T00:00:00Z')).toBe(false);
});
