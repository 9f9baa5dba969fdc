import {expect, it} from 'vitest';
import {parseVisible, visible} from './visible';

it('shows what turns the direction of writing', () => {
  expect(visible('\u202ex nimda sa')).toBe('\\u202ex nimda sa');
  expect(visible('שלום, مرحبا, 👩‍💻, naïve')).toBe('שלום, مرحبا, 👩‍💻, naïve');
});

it('shows what makes two names look like one, and not what scripts and emoji need', () => {
  expect(visible('a\u200bb\ufeff')).toBe('a\\u200bb\\ufeff');
  expect(visible('a\u200db, x\ufe0f.txt')).toBe('a\\u200db, x\\ufe0f.txt');
  expect(visible('x\u{e0041}')).toBe('x\\u{e0041}');
  const needed = 'می\u200cخواهم, 👩‍👩‍👧‍👦, 🏳️‍🌈, 🏴󠁧󠁢󠁥󠁮󠁧󠁿, 1️⃣, ❤️';
  expect(visible(needed)).toBe(needed);
});

it('does so in all of an answer, however it is written', () => {
  const event = {user: 'a\u202eb', details: {names: ['\u2066c', 1, null]}, by: {'\u200fd': 2}};
  const seen = {user: 'a\\u202eb', details: {names: ['\\u2066c', 1, null]}, by: {'\\u200fd': 2}};
  expect(parseVisible(JSON.stringify(event))).toEqual(seen);
  expect(parseVisible('{"user": "a\\u202Eb"}')).toEqual({user: 'a\\u202eb'});
  expect(parseVisible('{"user": "anna"}')).toEqual({user: 'anna'});
});
