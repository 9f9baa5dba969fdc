import {describe, expect, it} from 'vitest';
import {backoff, Rate} from './rate';

describe('the rate', () => {
  it('is unknown at first, then that of the last seconds', () => {
    const rate = new Rate();
    rate.add(0, 1000);
    expect(rate.at(0)).toBeUndefined();
    for (let t = 250; t <= 10_000; t += 250) rate.add(t, t <= 5000 ? 1000 : 250);
    expect(rate.at(10_000)).toBe(1000);
  });
  it('is none when nothing comes', () => {
    const rate = new Rate();
    rate.add(0, 0);
    rate.add(1000, 5000);
    expect(rate.at(1000)).toBe(5000);
    expect(rate.at(7000)).toBe(0);
  });
  it('tries wait longer and longer, half a minute at most', () => {
    expect([0, 1, 2, 9].map(backoff)).toEqual([500, 1000, 2000, 30_000]);
  });
});
