// The core's sources are read: what they say of a problem has a German text, and each German text
// is of something that they say.
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {beforeAll, describe, expect, it} from 'vitest';
import {de} from '../../../i18n/de';
import {i18n} from '../../../lib/language/i18n.svelte';
import {foundSays, german} from './found';

const core = process.env.BALUHOST_CORE ?? join(__dirname, '../../../../../../../core');
const read = (path: string) => readFileSync(join(core, path), 'utf8');

/** Those of what is found for the record: exports are verified by the command alone. */
const left = /\/(migration|backup)\/|verify_export|problem_kind/;
const sources = readdirSync(join(core, 'src/core'), {recursive: true, encoding: 'utf8'})
  .map((name) => `src/core/${name}`)
  .filter((name) => name.endsWith('.cpp') && !left.test(name))
  .map((name) => ({name, code: read(name).replace(/^\s*\/\/.*$/gm, '')}))
  .filter(({code}) => code.includes('ProblemKind::'));

const kLiteral = /"((?:[^"\\\n]|\\.)*)"/g;
/** The texts of a piece of C++: what stands in one after the other is one. */
const literals = (code: string): string[] =>
  [...code.replace(/"\s*\n\s*"/g, '').matchAll(kLiteral)].map(([, text]) => text!)
    .filter((text) => /[a-z]/.test(text) && !/^[a-z_/]+(\.[hc]pp)?$/.test(text));

/** Statements that make a problem, and the functions that make parts of their texts. */
const isProblem = /\bProblemKind\b|problems\.back\(\)\.detail/;
const statements = sources.flatMap(({name, code}) =>
  code.split(/;\s*\n/).filter((part) => isProblem.test(part)).flatMap((part) =>
    literals(part.slice(part.search(isProblem))).map((text) => ({name, text}))));
const seals = read('src/domain/audit/seal.cpp');
const kPart =
  /(?:std::string|auto) (?:what|where|downloads|leaves_without_seal|detail)\b[^;]*;/g;
const parts = [
  ...sources.flatMap(({name, code}) =>
    [...code.matchAll(kPart)]
      .flatMap(([part]) => literals(part).map((text) => ({name, text})))),
  ...[...seals.matchAll(/std::string (?:impossible_seal|stray_leaf)[^}]*}/g)]
    .flatMap(([part]) => literals(part).map((text) => ({name: 'seal.cpp', text})))
];
const said = [...statements, ...parts];
const whole = [...sources.map(({code}) => code), seals].flatMap(literals);

describe('what the core says of a problem', () => {
  beforeAll(() => {
    i18n.language = 'de';
  });

  it('is found in its sources', () => expect(said.length).toBeGreaterThan(50));

  it('has a German text, each of it', () => {
    const known = Object.keys(german).flatMap((text) => text.split(/\{\w+\}/));
    const without = said.filter(({text}) => !known.some((part) => part.includes(text)));
    expect(without).toEqual([]);
  });

  it('is all that has a German text', () => {
    const unsaid = Object.keys(german).flatMap((text) => text.split(/\{\w+\}/))
      .filter((part) => !whole.some((text) => part.includes(text) || text.includes(part)));
    expect(unsaid).toEqual([]);
  });

  it('has a name for its kind', () => {
    const table = read('src/core/seals/problem_kind.cpp');
    const kinds = [...table.matchAll(/ProblemKind::\w+, "(\w+)"/g)]
      .map(([, kind]) => `audit.problem.${kind}`);
    expect(kinds.length).toBeGreaterThan(15);
    expect(kinds.filter((kind) => !(kind in de))).toEqual([]);
  });

  it('keeps its values in German', () => {
    for (const [text, inGerman] of Object.entries(german))
      expect([...inGerman.matchAll(/\{\w+\}/g)].map(String).sort(), text)
        .toEqual([...text.matchAll(/\{\w+\}/g)].map(String).sort());
  });

  it.each([
    ['the event at sequence 7 is not what was sealed',
     'das Ereignis mit der Folgenummer 7 ist nicht, was versiegelt wurde'],
    ['the events of sequences 5 to 9 are gone',
     'die Ereignisse mit den Folgenummern 5 bis 9 sind weg'],
    ['the events of sequences 5 are gone (and 12 problems more)',
     'die Ereignisse mit den Folgenummern 5 sind weg (und 12 weitere Probleme)'],
    ['a leaf of event -4 at sequence 9, which no seal covers was in the way of a seal and was ' +
     'removed',
     'ein Blatt des Ereignisses -4 mit der Folgenummer 9, das kein Siegel umfasst, stand einem ' +
     'Siegel im Weg und wurde entfernt'],
    ['download 3, which may not have been over: "a \\" got b" got "/x to y", ' +
     'under way on server a-1',
     'Download 3 auf Server a-1, vielleicht noch nicht zu Ende: "a \\" got b" bekam "/x to y"']
  ])('%s', (text, inGerman) => expect(foundSays(text)).toEqual({text: inGerman, isKnown: true}));

  it('of a recovery, in both parts', () => {
    const {text} = foundSays('the recovery of 2026-11-27T09:30:00.000000Z (event 12) found: ' +
      'the event is gone, and was never sealed');
    expect(text).toMatch(/^die Erholung vom .*2026.* \(Ereignis 12\) fand: das Ereignis ist weg/);
  });

  it('is shown as it came where it is not known', () => {
    expect(foundSays('something new')).toEqual({text: 'something new', isKnown: false});
    i18n.language = 'en';
    expect(foundSays('something new').isKnown).toBe(true);
  });
});
