// Codes of the record by a name: an action, a member of an event's details, and its value.
import {bytes, rate, span} from '../format';
import {dateTime, i18n, number, t} from '../i18n.svelte';
import {type Scope, scopeLabel, scopes} from '../../session/scopes';
import {type Action, inARow, rightName, roleName, wordOf} from '../sentences';
import {de} from './de';
import {en} from './en';

/** Of another language than the codes' own. */
export interface Names {
  actions: Record<Action, string>;
  details: Record<string, string>;
  values: Record<string, string>;
}

const languages: Record<string, Pick<Names, 'details'> & {
  [table in keyof Names]?: Partial<Names[table]>;
}> = {de, en};
const nameIn = (table: keyof Names, code: string): string | undefined =>
  (languages[i18n.language]?.[table] as Record<string, string> | undefined)?.[code];

/** In English a code's words are its name, where en.ts has no better one. */
function plain(code: string): string {
  const words = code.replaceAll('_', ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function actionName(action: string): string {
  return nameIn('actions', action) ?? plain(action);
}

export function detailName(name: string): string {
  return nameIn('details', name) ?? plain(name);
}

/** A right, or a scope of a key. */
function neededName(code: string): string {
  const isScope = /^(\w+:\w+|shares)$/.test(code) && scopes.some(({scope}) => scope === code);
  return isScope ? t(scopeLabel(code as Scope)) : rightName(code);
}

const listed = (value: string, nameOf: (code: string) => string) =>
  inARow(value.split(/,\s*/).map(nameOf));

/** A value of a member, for reading. */
export function detailValue(name: string, value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'boolean') return t(value ? 'audit.yes' : 'audit.no');
  if (typeof value === 'number') {
    if (/(_size|bytes|_bytes|bytes_sent)$/.test(name)) return bytes(value);
    if (name.endsWith('_ms')) return value < 10_000 ? `${number(value)} ms` : span(value / 1000);
    if (name.endsWith('_mbps')) return rate(value * 125_000);
    return number(value);
  }
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  if (/^(permission|rights|required_permission|scopes)$/.test(name))
    return listed(text, neededName);
  if (name === 'operation') return wordOf('operations', text);
  if (name === 'factors') return wordOf('factors', text);
  if (/^(role|old_role|new_role)$/.test(name)) return roleName(text);
  if (name === 'action') return actionName(text);
  if (/(_at|^before|^until)$/.test(name) && /^\d{4}-\d\d-\d\dT/.test(text)) return dateTime(text);
  if (/^(kind|token_type|reason)$/.test(name)) return nameIn('values', text) ?? text;
  return text;
}
