import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {de} from '../../i18n/de';
import {en} from '../../i18n/en';
import {fill, localeOf, preferred} from './i18n.svelte';

const sources = join(__dirname, '../..');

function files(folder: string): string[] {
  return readdirSync(folder, {withFileTypes: true}).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'i18n' ? [] : files(path);
    return /\.(svelte|ts)$/.test(path) && !/\.(test|d)\.ts$/.test(path) ? [path] : [];
  });
}

const text = files(sources).map((path) => readFileSync(path, 'utf8')).join('\n');

/** Keys of which a part is computed: `t(`theme.${name}`)`. */
const families = [...text.matchAll(/`([a-z_.]+)\$\{[^`]*\}([a-z_.]*)`/g)].map(
  ([, begin, end]) => new RegExp(`^${begin!.replaceAll('.', '\\.')}[\\w.]+${end}$`)
);

function isUsed(key: string): boolean {
  const base = key.replace(/_(one|other)$/, '');
  if (text.includes(`'${key}'`) || text.includes(`'${base}'`)) return true;
  return families.some((family) => family.test(key) || family.test(base));
}

const braces = (value: string) => [...value.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe('the texts', () => {
  it('are all used', () => {
    expect(Object.keys(en).filter((key) => !isUsed(key))).toEqual([]);
  });
  it('are the same in every language, with the same values', () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
    for (const key of Object.keys(en) as (keyof typeof en)[])
      expect(braces(de[key]), key).toEqual(braces(en[key]));
  });
  it.each(['en', 'de'])('of %s stand in one file each: the last would win', (language) => {
    const keys = files(join(sources, 'i18n', language)).flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/^ {2}'([\w.]+)':/gm)].map((found) => found[1]));
    expect(keys.length).toBeGreaterThan(500);
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
  });
  it('are none of them empty', () => {
    expect(Object.values({...en, ...de}).filter((value) => !value.trim())).toEqual([]);
  });
  it('with values', () => {
    expect(fill('{a} of {b}, {c}', {a: 1, b: '{a}'})).toBe('1 of {a}, {c}');
  });
});

describe('the language', () => {
  it.each([
    [['de-AT', 'en'], 'de'],
    [['fr', 'en-GB', 'de'], 'en'],
    [['fr'], 'en'],
    [[], 'en']
  ] as const)('of %j', (wishes, language) => expect(preferred(wishes)).toBe(language));
  it.each([
    ['en', ['de-AT', 'en-GB', 'en-US'], 'en-GB'],
    ['en', ['en-US'], 'en-US'],
    ['de', ['de-AT', 'en'], 'de-AT'],
    ['en', ['fr', 'de'], 'en-GB'],
    ['de', [], 'de']
  ] as const)('%s of %j is written as %s', (language, wishes, locale) =>
    expect(localeOf(language, wishes)).toBe(locale));
});

describe('the sources', () => {
  it('never put text into a page as HTML', () => {
    expect(text).not.toMatch(/\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write/);
  });
  it('have no style that the policy forbids', () => {
    expect(text).not.toMatch(/\sstyle="/);
  });
});
