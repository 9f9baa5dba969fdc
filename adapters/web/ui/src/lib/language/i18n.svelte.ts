// What the application says. The keys are those of the English texts: another language that lacks
// one, or has one too many, does not compile. A language is loaded when it is chosen.
import type {en} from '../../i18n/en';
import {first} from './first';
import {kStored, type Language, load, wished} from './language';
import {visible} from './visible';

export type Key = keyof typeof en;
export type Texts = Record<Key, string>;
export type {Language} from './language';
export type Values = Record<string, string | number>;

/** Keys that are a count's: `KEY_one` and `KEY_other`. */
export type CountKey = BaseOf<Key>;
type BaseOf<K> = K extends `${infer Base}_other` ? Base : never;

export {languages, preferred} from './language';

/** How it is written here: as the browser has it (`en-GB`), else as most of the world does. */
export function localeOf(language: Language, wishes: readonly string[]): string {
  const own = wishes.find((wish) => wish.toLowerCase().split('-')[0] === language);
  return own ?? (language === 'en' ? 'en-GB' : language);
}

/** The text with the values in its braces. */
export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => visible(String(values[name] ?? all)));
}

class I18n {
  language = $state<Language>('en');
  /** Of numbers and times. */
  locale = $state('en');
  #texts = $state.raw<Partial<Texts>>({});
  #said = $state.raw<Record<string, string>>({});
  #plural = $derived(new Intl.PluralRules(this.language));

  /** Whether all texts are here, and not only those of the sign-in. */
  isWhole = $state(false);
  /** When they are; fails where they cannot be had. */
  whole: Promise<void> = Promise.resolve();
  #wanted: Language | undefined;

  /** In the user's choice, or the browser's wish: with what the sign-in says, at once. */
  begin(): void {
    const language = wished();
    this.#show(language, first[language]);
    this.whole = this.use(language, false);
    this.whole.catch(() => {});
  }

  async use(language: Language, remember = true): Promise<void> {
    this.#wanted = language;
    const {texts, said} = await load(language);
    if (this.#wanted !== language) return; // another was chosen meanwhile
    this.#show(language, texts);
    this.#said = said;
    this.isWhole = true;
    if (remember) localStorage.setItem(kStored, language);
  }

  #show(language: Language, texts: Partial<Texts>): void {
    this.#texts = texts;
    this.language = language;
    this.locale = localeOf(language, navigator.languages);
    document.documentElement.lang = language;
  }

  text(key: Key, values: Values): string {
    return fill(this.#texts[key] ?? key, values);
  }

  /** A `#` stands for a number that the server puts in. */
  said(text: string): string {
    const numbers = text.match(/\d+/g) ?? [];
    const of = (key: string) => (Object.hasOwn(this.#said, key) ? this.#said[key] : undefined);
    return of(text) ?? of(text.replace(/\d+/g, '#'))?.replace(/#/g, () => numbers.shift()!) ?? text;
  }

  count(key: CountKey, count: number, values: Values): string {
    const form = this.#plural.select(count) === 'one' ? 'one' : 'other';
    return this.text(`${key}_${form}` as Key, {count: number(count), ...values});
  }
}

export const i18n = new I18n();

/** A text of the language in use. */
export function t(key: Key, values: Values = {}): string {
  return i18n.text(key, values);
}

/** A text with a number in it: `{count}`. */
export function tn(key: CountKey, count: number, values: Values = {}): string {
  return i18n.count(key, count, values);
}

/** What the server says in its own words, in the language in use where that is known. */
export function said(text: string): string {
  return i18n.said(text);
}

const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function cached<F extends Intl.NumberFormat | Intl.DateTimeFormat>(name: string, make: () => F): F {
  const key = `${i18n.locale} ${name}`;
  let format = formats.get(key) as F | undefined;
  if (!format) formats.set(key, (format = make()));
  return format;
}

export function number(value: number, options: Intl.NumberFormatOptions = {}): string {
  const name = JSON.stringify(options);
  return cached(name, () => new Intl.NumberFormat(i18n.locale, options)).format(value);
}

export function dateTime(
  value: string | number | Date,
  options: Intl.DateTimeFormatOptions = {dateStyle: 'medium', timeStyle: 'short'}
): string {
  const name = JSON.stringify(options);
  const format = cached(name, () => new Intl.DateTimeFormat(i18n.locale, options));
  return format.format(new Date(value));
}
