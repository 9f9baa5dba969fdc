import type {Status} from './doubts';
import type {Report} from './verification.svelte';

/** An event is sealed after a second or two; one that waits longer is a sign. */
const kLate = 60_000;

type Key =
  | 'anchor' | 'problems' | 'failed' | 'late' | 'none' | 'unverified' | 'verified';

export interface Standing {
  kind: 'proven' | 'unknown' | 'doubtful';
  key: Key;
}

/** What may be said of the trail: no more than was found. */
export function standing(status: Status, now: number, report?: Report): Standing {
  if (status.anchor && !status.anchor.matches) return {kind: 'doubtful', key: 'anchor'};
  if (report && !report.ok) return {kind: 'doubtful', key: 'problems'};
  const last = status.last_verification;
  if (!report && last && !last.ok) return {kind: 'doubtful', key: 'failed'};
  const oldest = status.oldest_unsealed_at;
  if (oldest && now - Date.parse(oldest) > kLate) return {kind: 'doubtful', key: 'late'};
  if (report?.ok || last?.ok) return {kind: 'proven', key: 'verified'};
  return {kind: 'unknown', key: status.newest_seal === null ? 'none' : 'unverified'};
}
