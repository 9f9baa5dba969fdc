import {expect, test, vi} from 'vitest';
import {doubtsOf, isAltered, isDoubtful, isMissing, isProblem} from './doubts';

vi.hoisted(() => {
  vi.stubGlobal('location', new URL('http://localhost/'));
  vi.stubGlobal('BroadcastChannel', class {});
});

test('what was found stands with its event', () => {
  const problems = [
    {kind: 'event_changed', event: 7, detail: 'a'}, {kind: 'seal_missing', seal: 2, detail: 'b'},
    {kind: 'bad_tag', event: 7, detail: 'c'}, {kind: 'leaf_mismatch', event: 8, detail: 'd'}
  ];
  const doubts = doubtsOf(problems);
  expect([...doubts.keys()]).toEqual([7, 8]);
  expect(doubts.get(7)).toHaveLength(2);
  expect(isDoubtful(doubts.get(7))).toBe(true);
  // The event is what was sealed: only what is kept beside it was changed.
  expect(isDoubtful(doubts.get(8))).toBe(false);
  expect(isDoubtful(doubts.get(9))).toBe(false);
  expect([7, 8, 9].map((id) => isAltered(doubts.get(id)))).toEqual([true, false, false]);
  expect(isMissing(doubts.get(7))).toBe(false);
  expect(isMissing([{kind: 'event_missing', event: 1, detail: ''}])).toBe(true);
  expect(doubtsOf().size).toBe(0);
});

test('what is no finding is none', () => {
  expect([null, 'x', {kind: 'a'}, {kind: 'a', detail: 'b'}].map(isProblem))
    .toEqual([false, false, false, true]);
});
