import {expect, test} from 'vitest';
import type {AuditEvent} from '../audit/filters';
import {attention, type Newest, type Readiness, type Status} from './attention';

const now = Date.parse('2026-11-27T12:00:00Z');
const ready: Readiness = {
  status: 'ready', checks: {database: 'ok', blob_store: 'ok', disk_space: 'ok', audit: 'ok'}
};
const status: Status = {
  newest_seal: 7, sealed_at: '2026-11-27T11:59:59.000000Z', head: 'ab', events: 42, unsealed: 0,
  oldest_unsealed_at: null, key_id: 'x', public_key: null, anchor: {seal: 7, matches: true},
  last_verification: {at: '2026-11-27T08:00:00.000000Z', ok: true, by: 'rita'}, retention_days: 0,
  pruned_before: null
};
function event(day: string, details: Record<string, unknown> = {}, success = true): AuditEvent {
  return {
    id: 1, timestamp: `2026-11-${day}T00:00:00.000000Z`, event_type: 'SYSTEM',
    action: 'integrity_scrub', user: null, resource: null, success, error_message: null, details,
    ip_address: null, user_agent: null
  };
}
const kept: Newest = {integrity_scrub: event('26', {damaged: 0}), backup_created: event('26')};
const matters = (newest: Newest = {}, more: Partial<Status> = {}, readiness = ready) =>
  attention(readiness, {...status, ...more}, {...kept, ...newest}, now).map((item) => item.matter);

test('nothing needs attention where all is well', () => expect(matters()).toEqual([]));

test('what a check says comes first', () => {
  const checks = {...ready.checks, disk_space: 'too little'};
  const found = attention({status: 'unavailable', checks}, status, {}, now);
  expect(found[0]).toEqual({matter: 'check_disk_space', kind: 'urgent', says: 'too little'});
  expect(found.map((item) => item.kind)).toEqual(['urgent', 'soon', 'soon']);
});

test('an altered trail, and one that was not looked at', () => {
  expect(matters({}, {anchor: {seal: 7, matches: false}})).toEqual(['trail_altered']);
  expect(matters({}, {last_verification: null})).toEqual(['never_verified']);
  const last_verification = {at: '2026-10-01T00:00:00.000000Z', ok: true, by: null};
  expect(matters({}, {last_verification})).toEqual(['verified_long_ago']);
  expect(matters({}, {oldest_unsealed_at: '2026-11-27T11:00:00.000000Z'})).toEqual(['trail_late']);
  expect(matters({recovery_completed: event('20', {}, false)})).toEqual(['recovery_findings']);
});

test('the disk is low until it has recovered', () => {
  expect(matters({disk_space_low: event('20')})).toEqual(['disk_low']);
  expect(matters({disk_space_low: event('20'), disk_space_recovered: event('21')})).toEqual([]);
  expect(matters({disk_space_low: event('22'), disk_space_recovered: event('21')}))
    .toEqual(['disk_low']);
});

test('damage that no later scrub found gone', () => {
  expect(matters({blob_damaged: event('27')})).toEqual(['blob_damaged']);
  expect(matters({blob_damaged: event('25')})).toEqual([]);
  const stopped = event('26', {damaged: 0, complete: false});
  expect(matters({blob_damaged: event('25'), integrity_scrub: stopped})).toEqual(['blob_damaged']);
  expect(matters({integrity_scrub: event('26', {missing: 1})})).toEqual(['scrub_findings']);
});

test('a task of the server that failed, by its name', () => {
  const tasks = [
    {name: 'sealing', last_run: '2026-11-27T11:59:00.000000Z', error: null},
    {name: 'sweeping', last_run: null, error: 'unavailable'}
  ];
  expect(attention(ready, status, kept, now, {tasks}))
    .toEqual([{matter: 'task_failed', kind: 'soon', of: 'sweeping', says: 'unavailable'}]);
});

test('housekeeping that was never done', () => {
  const none = attention(ready, status, {}, now).map((item) => item.matter);
  expect(none).toEqual(['no_scrub', 'no_backup']);
});

test('what was not done is missed since no longer than the record reaches back', () => {
  const since = (first?: string) =>
    attention(ready, status, {}, now, undefined, first).map((item) => item.since);
  const month = Date.parse('2026-10-28T12:00:00Z');
  expect(since()).toEqual([month, month]);
  expect(since('2026-01-01T00:00:00.000000Z')).toEqual([month, month]);
  const day = Date.parse('2026-11-26T00:00:00Z');
  expect(since('2026-11-26T00:00:00.000000Z')).toEqual([day, day]);
});
