import {expect, it} from 'vitest';
import {endOf} from './lives';

const now = new Date('2026-11-24T12:00:00Z');

it.each([
  ['month', '', '2026-12-24T12:00:00.000Z'],
  ['never', '', null],
  ['date', '', undefined],
  ['date', '2026-11-20', undefined],
  ['date', '2026-13-40', undefined],
  ['date', '2027-01-02', new Date('2027-01-02T23:59:59').toISOString()]
] as const)('%s %s', (life, date, end) => expect(endOf(life, date, now)).toBe(end));
