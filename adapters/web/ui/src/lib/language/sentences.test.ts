import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, describe, expect, it, vi} from 'vitest';
import {i18n} from './i18n.svelte';
import {actionName, detailName, detailValue} from './names';
import {de as namesDe} from './names/de';
import {type AuditEvent, isFault, plainSentence, sentence} from './sentences';
import {de} from './sentences/de';
import {en} from './sentences/en';

vi.hoisted(() => vi.stubGlobal('location', new URL('http://localhost/')));

const document = readFileSync(
  process.env.BALUHOST_OPENAPI ?? join(__dirname, '../../../../../../docs/openapi.yaml'), 'utf8'
);
const catalogue = /\n    AuditAction:[^[]*\[([^\]]*)\]/.exec(document)![1]!.split(/,\s*/);

function event(action: string, more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id: 1, timestamp: '2026-11-24T11:05:00Z', event_type: 'FILE_ACCESS',
    action: action as AuditEvent['action'], user: 'anna', resource: '/anna/a b.txt', success: true,
    error_message: null, details: {}, ip_address: '192.0.2.1', user_agent: null, ...more
  };
}

afterEach(() => {
  i18n.language = 'en';
});

describe('the catalogue of docs/openapi.yaml', () => {
  it('was found', () => expect(catalogue.length).toBeGreaterThan(40));
  it.each(catalogue)('%s has a sentence in each language, done and failed', (action) => {
    for (const language of [en, de]) {
      const said = (language.actions as Record<string, string[]>)[action];
      expect(said, action).toHaveLength(2);
      for (const text of said!) expect(text.trim()).not.toBe('');
    }
  });
  it.each(catalogue)('%s has a name of its own in each language', (action) => {
    for (const language of ['en', 'de'] as const) {
      i18n.language = language;
      const name = actionName(action);
      expect(name).toMatch(/^\p{Lu}/u);
      expect(catalogue.filter((other) => actionName(other) === name)).toEqual([action]);
    }
    expect(Object.keys(namesDe.actions)).toContain(action);
  });
  it('is said with the same values in each language', () => {
    const braces = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const [action, said] of Object.entries(en.actions))
      for (const i of [0, 1] as const)
        expect(braces(de.actions[action as keyof typeof de.actions][i]), action)
          .toEqual(braces(said[i]));
  });
  it('has the same words in each language', () => {
    for (const table of ['rights', 'factors', 'roles', 'fields', 'values', 'operations', 'reasons'])
      expect(Object.keys(de[table as 'rights']).sort(), table)
        .toEqual(Object.keys(en[table as 'rights']).sort());
  });
});

describe('a sentence', () => {
  it('tells what was done, and marks what it is about', () => {
    const parts = sentence(event('upload', {details: {file_size: 1536}}));
    expect(parts.map((part) => part.text).join('')).toBe('Uploaded /anna/a b.txt (1.5 KiB)');
    expect(parts[1]).toEqual({text: '/anna/a b.txt', about: true, href: '/files/anna'});
  });
  it('leaves out what is not known', () => {
    expect(plainSentence(event('upload'))).toBe('Uploaded /anna/a b.txt');
  });
  it('tells why it failed', () => {
    const failed = {success: false, error_message: 'quota_exceeded'};
    expect(plainSentence(event('upload', failed)))
      .toBe('Failed to upload /anna/a b.txt: there was not enough space');
    i18n.language = 'de';
    expect(plainSentence(event('upload', failed)))
      .toBe('Hochladen von /anna/a b.txt misslungen: es war nicht genug Platz');
  });
  it.each([
    [
      event('permission_granted', {details: {grantee: 'bert', permission: 'read,share'}}),
      'Gave bert rights at /anna/a b.txt: read and share'
    ],
    [
      event('user_updated', {
        event_type: 'USER_MANAGEMENT', resource: 'bert',
        details: {changes: [{field: 'quota_bytes', from: null, to: 1024 ** 3}]}
      }),
      'Changed the account bert: quota none → 1 GiB'
    ],
    [
      event('share_changed', {
        event_type: 'SECURITY',
        details: {share: 'x', changes: [{field: 'secret', from: null, to: null}]}
      }),
      'Changed a link to /anna/a b.txt: address changed'
    ],
    [
      event('login_success', {
        event_type: 'SECURITY', resource: null, details: {factors: ['password', 'totp']}
      }),
      'Signed in with password and code'
    ],
    [
      event('login_failed', {
        event_type: 'SECURITY', resource: null, success: false, user: null,
        error_message: 'invalid_credentials', details: {attempted_username: '<b>{size}'}
      }),
      'Failed to sign in as <b>{size}: password or code was wrong'
    ],
    [
      event('access_denied', {
        event_type: 'SECURITY', success: false, error_message: 'forbidden',
        details: {required_permission: 'write', operation: 'upload'}
      }),
      'Had no right at /anna/a b.txt: uploading needs write'
    ],
    [
      event('share_created', {
        event_type: 'SECURITY', success: false, error_message: 'quota_exceeded'
      }),
      'Failed to make a link to /anna/a b.txt: there were as many links as an account may have'
    ],
    [event('download', {details: {share: 'x'}}), 'Downloaded /anna/a b.txt, by a share link'],
    [event('made_up'), 'Did “made_up”'],
    [
      event('rename', {details: {source: '/anna/$&', destination: '/anna/$1'}}),
      'Renamed /anna/$& to /anna/$1'
    ]
  ])('%#', (of, text) => expect(plainSentence(of)).toBe(text));
  it.each([
    ['anna', 'the owner has all rights'], ['bert', 'nobody can give rights to themselves'],
    ['cara', 'it broke a rule']
  ])('tells why %s got no rights', (grantee, why) => {
    const refused = event('permission_granted', {
      event_type: 'SECURITY', user: 'bert', success: false, error_message: 'invalid_request',
      details: {grantee, permission: 'read'}
    });
    expect(plainSentence(refused))
      .toBe(`Failed to give ${grantee} rights at /anna/a b.txt: read: ${why}`);
  });
  it('tells a link that asks for its password from one that was given a wrong one', () => {
    const opened = (reason: string) => event('share_opened', {
      event_type: 'SECURITY', user: null, resource: null, success: false,
      error_message: 'invalid_credentials', details: {share: '57a8c0de-1111', reason}
    });
    const [asked, wrong] = [opened('no password'), opened('password')];
    expect(plainSentence(asked)).toBe('Was asked for the password of a link (57a8c0de)');
    expect(plainSentence(wrong))
      .toBe('Failed to open a link (57a8c0de): password or code was wrong');
    expect([asked, wrong, event('upload')].map(isFault)).toEqual([false, true, false]);
    i18n.language = 'de';
    expect(plainSentence(asked))
      .toBe('Nach dem Passwort eines Links gefragt worden (57a8c0de)');
    expect(detailValue('reason', 'password')).toBe('falsches Passwort');
  });
  it('a verification that found problems says so, and is no success', () => {
    const verified = (ok: boolean) => event('audit_verified', {
      event_type: 'SECURITY', resource: null, details: {ok, events: 299, seals: 7}
    });
    const [good, bad] = [verified(true), verified(false)];
    expect(plainSentence(good)).toBe('Verified the record: 299 events');
    expect(plainSentence(bad)).toBe('Verified the record and found problems: 299 events');
    expect([good, bad].map(isFault)).toEqual([false, true]);
    i18n.language = 'de';
    expect(plainSentence(bad)).toBe('Das Protokoll geprüft und Fehler gefunden: 299 Ereignisse');
  });
  it('a check of the contents that found damage, or a disk that is full, is no success', () => {
    const scrub = (damaged: number, missing: number, complete = true) => event('integrity_scrub', {
      event_type: 'DISK_MONITOR', resource: null, details: {blobs: 9, damaged, missing, complete}
    });
    const damaged = (paths: string[]) => event('blob_damaged', {
      event_type: 'DISK_MONITOR', resource: null, details: {paths}
    });
    const low = event('disk_space_low', {event_type: 'DISK_MONITOR', details: {free_bytes: 1024}});
    const all = [scrub(0, 0), scrub(1, 0), scrub(0, 2), damaged([]), low];
    expect(all.map(isFault)).toEqual([false, true, true, true, true]);
    expect(plainSentence(scrub(1, 0))).toBe('Checked 9 contents: 1 damaged, 0 missing');
    expect(plainSentence(scrub(0, 0, false)))
      .toBe('Checked 9 contents: 0 damaged, 0 missing (stopped early)');
    expect(plainSentence(damaged([]))).toBe('A content is damaged');
    expect(plainSentence(damaged(['/a/b', '/c/d']))).toBe('A content is damaged (/a/b and /c/d)');
    i18n.language = 'de';
    expect(plainSentence(scrub(0, 0, false)))
      .toBe('9 Inhalte geprüft: 0 beschädigt, 0 fehlen (vorzeitig beendet)');
    expect(plainSentence(damaged(['/a/b']))).toBe('Ein Inhalt ist beschädigt (/a/b)');
  });
  it('names what is measured without its unit, which stands beside the value', () => {
    const names = ['duration_ms', 'download_time_ms', 'transfer_rate_mbps', 'sha256', 'file_size']
      .map(detailName);
    expect(names).toEqual(['Duration', 'Download time', 'Rate', 'SHA-256', 'Size']);
    expect(detailName('attempted_username')).toBe('Attempted username');
  });
  it('has names beside it, in the language of the page', () => {
    i18n.language = 'de';
    expect(actionName('permission_granted')).toBe('Recht gegeben');
    expect(actionName('made_up')).toBe('Made up');
    expect(detailName('attempted_username')).toBe('Versuchter Name');
    expect(detailValue('permission', 'read,share')).toBe('lesen und teilen');
    expect(detailValue('required_permission', 'admin')).toBe('das Recht eines Administrators');
    expect(detailValue('operation', 'list_users')).toBe('Personen auflisten');
    expect(detailValue('kind', 'directory')).toBe('Ordner');
    expect(detailValue('sha256', 'ab')).toBe('ab');
  });
  it('leads nowhere where nothing is any more', () => {
    expect(sentence(event('delete')).some((part) => part.href)).toBe(false);
  });
});
