import {describe, expect, it} from 'vitest';
import {bytes, listTime, relative, span} from './format';

describe('sizes', () => {
  it.each([
    [0, '0 B'], [1, '1 B'], [1023, '1,023 B'], [1024, '1 KiB'], [1536, '1.5 KiB'],
    [10 * 1024 + 300, '10.3 KiB'], [1024 * 1024 - 1, '1 MiB'], [123_456_789, '118 MiB'],
    [1024 ** 4 * 2, '2 TiB'], [1024 ** 6, '1,024 PiB']
  ])('%d', (size, text) => expect(bytes(size)).toBe(text));
});

describe('times', () => {
  const now = new Date('2026-11-24T12:00:00Z');
  it('of today by the hour, of this year by the day', () => {
    expect(listTime('2026-11-24T11:05:00Z', now)).toMatch(/\d+:05/);
    expect(listTime('2026-03-02T11:05:00Z', now)).toBe('Mar 2');
    expect(listTime('2025-03-02T11:05:00Z', now)).toBe('Mar 2, 2025');
  });
  it('as a distance', () => {
    expect(relative('2026-11-27T12:00:00Z', now.getTime())).toBe('in 3 days');
    expect(relative('2026-11-24T11:58:00Z', now.getTime())).toBe('2 minutes ago');
    expect(relative('2026-12-24T11:59:58Z', now.getTime())).toBe('in 30 days');
  });
  it.each([
    [0, '0 sec'], [0.2, '1 sec'], [59, '59 sec'], [61, '2 min'], [3600, '1 hr'],
    [5400, '1 hr 30 min'], [200_000, '2 days']
  ])('span of %d s', (seconds, text) => expect(span(seconds)).toBe(text));
});
