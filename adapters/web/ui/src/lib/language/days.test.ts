import {describe, expect, it} from 'vitest';
import {byDay, dayOf, dayRange, daysAgo} from './days';

const at = (...parts: [number, number, number, number]) => ({
  timestamp: new Date(...parts).toISOString()
});

describe('days', () => {
  it('hold what happened in them, here', () => {
    const items = [at(2026, 10, 24, 23), at(2026, 10, 24, 0), at(2026, 10, 23, 23)];
    const days = byDay(items);
    expect(days.map((day) => day.items.length)).toEqual([2, 1]);
    expect(days[0]!.start).toBe(new Date(2026, 10, 24).getTime());
    expect(byDay([])).toEqual([]);
  });
  it('are counted back, over a change of the clock too', () => {
    const now = new Date(2026, 10, 24, 12);
    expect(daysAgo(new Date(2026, 10, 24).getTime(), now)).toBe(0);
    expect(daysAgo(new Date(2026, 10, 23).getTime(), now)).toBe(1);
    expect(daysAgo(new Date(2026, 9, 24).getTime(), now)).toBe(31);
  });
  it('are ranges, the end left out', () => {
    const range = dayRange('2026-11-24')!;
    expect(Date.parse(range.to) - Date.parse(range.from)).toBe(86_400_000);
    expect(Date.parse(range.from)).toBe(new Date(2026, 10, 24).getTime());
    for (const bad of [null, '', '2026-02-30', '24.11.2026', '2026-13-01'])
      expect(dayRange(bad)).toBeUndefined();
  });
  it('are read from ranges again', () => {
    const range = dayRange('2026-03-01')!;
    expect(dayOf(range.from)).toBe('2026-03-01');
    expect(dayOf(range.to, true)).toBe('2026-03-01');
    expect(dayOf(undefined)).toBe('');
  });
});
