import {describe, expect, it} from 'vitest';
import {dateOf, endOfDay, kindOfRights, rightsOfKind, shareState} from './shares';

const now = Date.parse('2026-11-24T12:00:00Z');

describe('a share', () => {
  it.each([
    [null, null, 5, 'open'],
    ['2026-11-24T12:00:01Z', null, 0, 'open'],
    ['2026-11-24T12:00:00Z', null, 0, 'ended'],
    [null, 3, 2, 'open'],
    [null, 3, 3, 'used_up'],
    ['2026-11-23T12:00:00Z', 3, 3, 'ended']
  ] as const)('%s %s %s', (expires_at, max_uses, uses, state) =>
    expect(shareState({expires_at, max_uses, uses}, now)).toBe(state));
  it('says what it allows, and back', () => {
    for (const kind of ['view', 'drop', 'both'] as const)
      expect(kindOfRights(rightsOfKind[kind])).toBe(kind);
    expect(kindOfRights(['create', 'read'])).toBe('both');
  });
  it('ends with a day, here', () => {
    expect(dateOf(null)).toBe('');
    expect(dateOf(new Date(2026, 10, 5, 23, 59).toISOString())).toBe('2026-11-05');
    expect(endOfDay('', now)).toBeNull();
    expect(endOfDay('2026-11-20', now)).toBeUndefined();
    expect(endOfDay('nonsense', now)).toBeUndefined();
    expect(dateOf(endOfDay('2027-01-31', now)!)).toBe('2027-01-31');
  });
});
