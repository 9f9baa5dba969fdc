import {expect, it} from 'vitest';
import {passwordFault, suggestPassword} from './password';

it.each([
  ['1234567', 'anna', 'password.short'], ['ääää', 'anna', undefined],
  ['xxANNAxx', 'anna', 'password.has_name'], ['bo is great', 'bo', undefined],
  ['x'.repeat(1025), 'anna', 'password.long'], ['a fine pass phrase', 'anna', undefined]
])('%#', (password, name, fault) => expect(passwordFault(password, name)).toBe(fault));

it('suggests one of four groups, each time another', () => {
  const all = new Set(Array.from({length: 50}, suggestPassword));
  expect(all.size).toBe(50);
  for (const one of all) expect(one).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
});
