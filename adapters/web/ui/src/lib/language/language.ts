// Which language, and its texts: all that is needed of languages before anything else is there.
import type {Texts} from './i18n.svelte';

export type Language = 'en' | 'de';

export const languages: Record<Language, string> = {en: 'English', de: 'Deutsch'};

interface Loaded {
  texts: Texts;
  /** The server's own words, which are English. */
  said: Record<string, string>;
}

const loaders: Record<Language, () => Promise<Loaded>> = {
  en: async () => ({texts: (await import('../../i18n/en')).en, said: {}}),
  de: async () => {
    const {de, said} = await import('../../i18n/de');
    return {texts: de, said};
  }
};

export const kStored = 'baluhost.language';

function stored(): Language | undefined {
  const value = localStorage.getItem(kStored);
  return value === 'en' || value === 'de' ? value : undefined;
}

/** The first language of the browser's that we have. */
export function preferred(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    const language = wish.toLowerCase().split('-')[0];
    if (language === 'en' || language === 'de') return language;
  }
  return 'en';
}

/** The user's choice, or the browser's wish. */
export const wished = (): Language => stored() ?? preferred(navigator.languages);

export const load = (language: Language): Promise<Loaded> => loaders[language]();
