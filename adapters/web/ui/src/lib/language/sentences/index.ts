// What an event says, as a sentence: `Uploaded /anna/a.txt (1.4 MiB)`. Who did it stands beside it.
// docs/openapi.yaml has the catalogue: an action without a sentence does not compile.
import type {components} from '../../../api/schema';
import {bytes} from '../format';
import {dateTime, i18n, number} from '../i18n.svelte';
import {folderHref, parentOf} from '../../files/paths';
import {de} from './de';
import {en} from './en';

export type AuditEvent = components['schemas']['AuditEvent'];
export type Action = components['schemas']['AuditAction'];

/** What was done, and what was tried and failed. */
type Said = [done: string, failed: string];

export interface Language {
  actions: Record<Action, Said>;
  unknown: Said;
  rights: Record<string, string>;
  factors: Record<string, string>;
  roles: Record<string, string>;
  fields: Record<string, string>;
  values: Record<string, string>;
  operations: Record<string, string>;
  reasons: Record<string, string>;
  nobody: string;
  all: string;
  noChange: string;
  list: string;
  last: string;
  change: string;
  changed: string;
  because: string;
  viaLink: string;
  viaKey: string;
  asked: string;
  foundProblems: string;
  /** Of what did not get to its end. */
  stopped: string;
}

const languages = {en, de};
const words = (): Language => languages[i18n.language];

/** A piece of a sentence; what it is about is marked, and leads there where it is a path. */
export interface Part {
  text: string;
  about?: boolean;
  href?: string | undefined;
}

type Details = Record<string, unknown>;

const isText = (value: unknown): value is string => typeof value === 'string';
const of = (table: Record<string, string>, name: string): string =>
  table[name] ?? name.replaceAll('_', ' ');

function listed(items: string[]): string {
  const {list, last} = words();
  if (items.length < 2) return items.join('');
  return items.slice(0, -1).join(list) + last + items.at(-1);
}

/** A value of a change, by what it is the value of. */
function valueOf(field: string, value: unknown): string {
  const {values, roles, rights} = words();
  if (value === null || value === undefined) return values.null!;
  if (typeof value === 'boolean') return values[String(value)]!;
  if (typeof value === 'number') return field.endsWith('_bytes') ? bytes(value) : number(value);
  if (!isText(value)) return JSON.stringify(value);
  if (field === 'role') return of(roles, value);
  if (field === 'rights') return listed(value.split(',').map((right) => of(rights, right)));
  if (field.endsWith('_at')) return dateTime(value);
  return values[value] ?? value;
}

interface Change {
  field: string;
  from: unknown;
  to: unknown;
}

/** Each change of an event, in words. */
export function changesOf(event: AuditEvent): string[] {
  const {changes} = event.details as {changes?: Change[]};
  const {fields, change, changed} = words();
  return (changes ?? []).map(({field, from, to}) => {
    const name = of(fields, field);
    if (from === to) return changed.replace('{field}', () => name);
    const values: Details = {field: name, from: valueOf(field, from), to: valueOf(field, to)};
    return change.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key]));
  });
}

/** What stands in braces; undefined where the event does not tell. */
function valueIn(event: AuditEvent, name: string): string | undefined {
  const details = event.details as Details;
  const text = (key: string) => (isText(details[key]) ? details[key] : undefined);
  const figure = (key: string) => (typeof details[key] === 'number' ? details[key] : undefined);
  const {nobody, rights, factors, roles, operations, noChange} = words();
  const sized = (...keys: string[]) => {
    const found = keys.map(figure).find((size) => size !== undefined);
    return found === undefined ? undefined : bytes(found);
  };
  switch (name) {
    case 'name':
      return text('username') ?? text('attempted_username') ??
        (event.event_type === 'USER_MANAGEMENT' || /password|role|totp/.test(event.action)
          ? event.resource ?? undefined : undefined) ?? event.user ?? nobody;
    case 'resource':
      return event.resource ?? undefined;
    case 'source':
      return text('source');
    case 'destination':
      return text('destination') ?? event.resource ?? undefined;
    case 'grantee':
      return text('grantee') ?? nobody;
    case 'rights':
      return listed((text('permission') ?? '').split(/,\s*/).map((right) => of(rights, right)));
    case 'permission':
      return listed(
        (text('required_permission') ?? '').split(/,\s*/).map((right) => of(rights, right))
      );
    case 'operation':
      return of(operations, text('operation') ?? '');
    case 'old_role':
    case 'new_role':
      return of(roles, text(name) ?? '');
    case 'factors': {
      const list = Array.isArray(details.factors) ? details.factors : ['password'];
      return listed(list.map((factor) => of(factors, String(factor))));
    }
    case 'changes':
      return changesOf(event).join(words().list) || noChange;
    case 'size':
      return sized('total_size', 'file_size', 'attempted_size');
    case 'bytes':
      return sized('bytes');
    case 'free':
      return sized('free_bytes');
    case 'before':
      return text('before') && dateTime(text('before')!, {dateStyle: 'medium'});
    case 'made_at':
      return text('made_at') && dateTime(text('made_at')!);
    case 'paths':
      return Array.isArray(details.paths) && details.paths.length > 0
        ? listed(details.paths.map(String)) : undefined;
    case 'stopped':
      return details.complete === false ? words().stopped : undefined;
    case 'key_name':
      return text('name');
    case 'link':
      return event.resource ?? text('share')?.slice(0, 8);
    case 'refused_action':
      return text('action');
    default: {
      const found = figure(name);
      return found === undefined ? text(name) : number(found);
    }
  }
}

const marked = /^(resource|source|destination|name|grantee|key_name)$/;

/** Where a path of ours is seen. */
function hrefOf(event: AuditEvent, name: string, value: string): string | undefined {
  if (!/^(resource|destination)$/.test(name) || !event.success) return undefined;
  if (event.event_type !== 'FILE_ACCESS' || !value.startsWith('/')) return undefined;
  if (['delete', 'trash', 'purge'].includes(event.action)) return undefined;
  return event.action === 'create_directory' ? folderHref(value) : folderHref(parentOf(value));
}

/** A link was opened without the password that it wants, which is then asked for: no fault. */
const isAsked = (event: AuditEvent): boolean =>
  event.action === 'share_opened' && !event.success && event.details.reason === 'no password';

/** What came to its end and tells of something bad: a record or contents altered, a full disk. */
export function foundProblems({action, success, details}: AuditEvent): boolean {
  if (!success) return false;
  if (action === 'audit_verified') return details.ok === false;
  if (action === 'integrity_scrub')
    return Number(details.damaged) > 0 || Number(details.missing) > 0;
  return action === 'blob_damaged' || action === 'disk_space_low';
}

/** It failed, and not only because something was asked for first; or it found what is wrong. */
export const isFault = (event: AuditEvent): boolean =>
  (!event.success && !isAsked(event)) || foundProblems(event);

/** Why it failed. What a code means of an action, where that is something of its own. */
export function reasonOf({action, error_message, details, user, resource}: AuditEvent): string {
  const {reasons} = words();
  const code = `${action} ${error_message}`;
  if (code === 'permission_granted invalid_request') {
    if (details.grantee === resource?.split('/')[1]) return reasons.to_owner!;
    if (details.grantee === user) return reasons.to_oneself!;
  }
  return reasons[code] ?? of(reasons, error_message ?? '');
}

function template(event: AuditEvent): string {
  const {actions, unknown, because, viaLink, viaKey, asked, foundProblems: bad} = words();
  if (isAsked(event)) return asked;
  const said = (actions as Record<string, Said>)[event.action] ??
    unknown.map((text) => text.replace('{action}', () => event.action));
  const isAltered = event.action === 'audit_verified' && foundProblems(event);
  let text = isAltered ? bad : said[event.success ? 0 : 1]!;
  const via = 'share' in event.details && !event.action.startsWith('share_') ? viaLink
    : 'key' in event.details ? viaKey : undefined;
  if (via) text = via.replace('{what}', () => text);
  const saysWhy = /^(access_denied|recovery_completed)$/.test(event.action);
  if (event.success || !event.error_message || saysWhy) return text;
  const reason = reasonOf(event);
  return because.replace('{what}', () => text).replace('{reason}', () => reason);
}

/** The sentence of an event, in pieces. What it does not tell is left out, with its parentheses. */
export function sentence(event: AuditEvent): Part[] {
  const text = template(event).replace(/ ?\(\{(\w+)\}\)/g, (all, name: string) =>
    valueIn(event, name) === undefined ? '' : all);
  const parts: Part[] = [];
  for (const piece of text.split(/(\{\w+\})/)) {
    const name = /^\{(\w+)\}$/.exec(piece)?.[1];
    if (!name) {
      if (piece) parts.push({text: piece});
      continue;
    }
    const value = valueIn(event, name) ?? '…';
    if (marked.test(name)) parts.push({text: value, about: true, href: hrefOf(event, name, value)});
    else parts.push({text: value});
  }
  return parts;
}

/** The same as plain text. */
export function plainSentence(event: AuditEvent): string {
  return sentence(event).map((part) => part.text).join('');
}

/** Every action that has a sentence, for a choice of them. */
export function knownActions(): string[] {
  return Object.keys(en.actions);
}

/** A role, as people call it. */
export function roleName(role: string): string {
  return of(words().roles, role);
}

/** A right, as people call it. */
export function rightName(right: string): string {
  return of(words().rights, right);
}

/** A word of one of the tables. */
export function wordOf(table: 'operations' | 'factors', code: string): string {
  return of(words()[table], code);
}

/** Things in a row: `read, write and share`. */
export const inARow = listed;
