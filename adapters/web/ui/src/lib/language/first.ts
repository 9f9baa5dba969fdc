// What is said before the texts of a language are here: all that the sign-in says, in each.
import {common as deCommon} from '../../i18n/de/common';
import {login as deLogin} from '../../i18n/de/login';
import {common as enCommon} from '../../i18n/en/common';
import {login as enLogin} from '../../i18n/en/login';
import type {Texts} from './i18n.svelte';
import type {Language} from './language';

export const first: Record<Language, Partial<Texts>> = {
  en: {...enCommon, ...enLogin},
  de: {...deCommon, ...deLogin}
};
