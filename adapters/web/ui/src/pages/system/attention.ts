// What of the server needs somebody, from what the API tells. The most urgent comes first.
import type {Schemas} from '../../api/client';
import type {AuditEvent} from '../audit/filters';
import {standing} from '../audit/proof/standing';

export type Readiness = Schemas['Readiness'];
export type Status = Schemas['AuditStatus'];
export type System = Schemas['System'];

/** The newest event of each, where there is one. */
export const housekeeping = [
  'server_started', 'integrity_scrub', 'backup_created', 'audit_pruned', 'recovery_completed',
  'keys_rotated', 'disk_space_low', 'disk_space_recovered', 'blob_damaged'
] as const;
export type Housekeeping = (typeof housekeeping)[number];
export type Newest = Partial<Record<Housekeeping, AuditEvent>>;

export type Matter =
  | 'check_database' | 'check_blob_store' | 'check_disk_space' | 'check_audit' | 'check_other'
  | 'trail_altered' | 'trail_late' | 'recovery_findings' | 'disk_low' | 'blob_damaged'
  | 'task_failed' | 'scrub_findings' | 'never_verified' | 'verified_long_ago' | 'no_scrub'
  | 'no_backup';

export interface Item {
  matter: Matter;
  kind: 'urgent' | 'soon';
  /** What the server says of it, in its own words. */
  says?: string;
  /** What it is of, where not the server as a whole. */
  of?: string;
  /** Since when it was not done. */
  since?: number;
  event?: AuditEvent;
}

const kMonth = 30 * 86_400_000;
const checks = ['database', 'blob_store', 'disk_space', 'audit'];

/** `first`: of the oldest event on record. */
export function attention(
  readiness: Readiness, status: Status, newest: Newest, now: number,
  system: Pick<System, 'tasks'> = {tasks: []}, first?: string
): Item[] {
  const items: Item[] = [];
  const add = (matter: Matter, kind: Item['kind'], more: Partial<Item> = {}) =>
    items.push({matter, kind, ...more});
  const event = (task: Housekeeping) => (newest[task] ? {event: newest[task]} : {});
  const age = (time: string | undefined) => (time ? now - Date.parse(time) : Infinity);

  for (const [name, says] of Object.entries(readiness.checks))
    if (says !== 'ok')
      add(checks.includes(name) ? (`check_${name}` as Matter) : 'check_other', 'urgent',
          {says, ...(checks.includes(name) ? {} : {of: name})});

  const {kind, key} = standing(status, now);
  if (kind === 'doubtful') add(key === 'late' ? 'trail_late' : 'trail_altered', 'urgent');
  if (newest.recovery_completed && !newest.recovery_completed.success)
    add('recovery_findings', 'urgent', event('recovery_completed'));

  const low = newest.disk_space_low;
  const recovered = newest.disk_space_recovered;
  const isLow = low && (!recovered || recovered.timestamp < low.timestamp);
  if (isLow && readiness.checks.disk_space === 'ok') add('disk_low', 'soon', {event: low});

  const scrub = newest.integrity_scrub;
  const found = (name: string) => {
    const value = (scrub?.details as Record<string, unknown> | undefined)?.[name];
    return typeof value === 'number' && value > 0;
  };
  const damaged = newest.blob_damaged;
  if (found('damaged') || found('missing'))
    add('scrub_findings', 'urgent', event('integrity_scrub'));
  // One that was stopped early may not have come to what was damaged.
  else if (damaged && (!scrub || scrub.details.complete === false ||
                       scrub.timestamp < damaged.timestamp))
    add('blob_damaged', 'urgent', {event: damaged});

  for (const {name, error} of system.tasks)
    if (error) add('task_failed', 'soon', {of: name, says: error});

  if (kind !== 'doubtful') {
    if (!status.last_verification) add('never_verified', 'soon');
    else if (age(status.last_verification.at) > kMonth) add('verified_long_ago', 'soon');
  }
  // The record of a new server does not reach back that far.
  const since = Math.max(now - kMonth, first ? Date.parse(first) : 0);
  if (age(scrub?.timestamp) > kMonth) add('no_scrub', 'soon', {...event('integrity_scrub'), since});
  if (age(newest.backup_created?.timestamp) > kMonth)
    add('no_backup', 'soon', {...event('backup_created'), since});
  return items.sort((a, b) => Number(b.kind === 'urgent') - Number(a.kind === 'urgent'));
}
