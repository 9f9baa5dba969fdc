import {asProblem, type Problem} from '../../api/problem';
import {span} from './format';
import {type Key, said, t} from './i18n.svelte';

/** What no code tells: the server says it in place of a code's sentence. */
const kInDoubt = 'Whether this was done is not known; look before you try again.';

const known: Partial<Record<Problem['code'], Key>> = {
  already_exists: 'problem.already_exists',
  changed: 'uploads.changed',
  conflict: 'problem.conflict',
  forbidden: 'problem.forbidden',
  gone: 'problem.gone',
  insufficient_storage: 'problem.insufficient_storage',
  internal: 'problem.internal',
  invalid_credentials: 'problem.invalid_credentials',
  not_found: 'problem.not_found',
  offline: 'problem.offline',
  payload_too_large: 'problem.payload_too_large',
  precondition_failed: 'problem.precondition_failed',
  quota_exceeded: 'problem.quota_exceeded',
  second_factor_setup_required: 'problem.second_factor_setup_required',
  token_expired: 'problem.token_expired',
  token_revoked: 'problem.token_revoked',
  unauthenticated: 'problem.unauthenticated',
  unavailable: 'problem.unavailable',
  unreadable: 'uploads.unreadable'
};

/** What went wrong, as a sentence. */
export function inWords(error: unknown): string {
  const problem = asProblem(error);
  if (problem.message === kInDoubt) return said(kInDoubt);
  if (problem.code === 'rate_limited')
    return t('problem.rate_limited', {time: span(problem.retryAfter ?? 1)});
  if (problem.code === 'invalid_request' && problem.fields[0])
    return t('problem.invalid_request', {what: problem.fields[0].detail});
  const key = known[problem.code];
  return key ? t(key) : t('problem.unknown', {what: said(problem.message)});
}
