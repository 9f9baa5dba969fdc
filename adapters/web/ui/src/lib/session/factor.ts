import {api, ask} from '../../api/client';
import type {AuditEvent} from '../language/sentences';

export interface FactorState {
  /** Undefined: the record does not tell. */
  isOn: boolean | undefined;
  since?: string;
}

/** Newest first wins; a sign-in tells by what it was done with. */
export function factorState(events: AuditEvent[]): FactorState {
  const newest = [...events].sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1))[0];
  if (!newest) return {isOn: undefined};
  if (newest.action !== 'login_success')
    return {isOn: newest.action === 'totp_enabled', since: newest.timestamp};
  const {factors} = newest.details as {factors?: string[]};
  const isOn = (factors?.length ?? 0) > 1;
  const enabled = events.find((event) => event.action === 'totp_enabled');
  return isOn && enabled ? {isOn, since: enabled.timestamp} : {isOn};
}

type Query = {user: string} | {resource: string};

async function newest(action: AuditEvent['action'], of: Query, signal?: AbortSignal) {
  const query = {action, success: true, limit: 1, ...of};
  const init = signal ? {params: {query}, signal} : {params: {query}};
  return (await ask(api.GET('/api/v1/audit/events', init))).items;
}

/** Whether somebody's second factor is on, from the record: no call says so. `isOwn`: one's own,
 *  of which the record shows one's own doings. */
export async function findFactor(
  name: string, isOwn: boolean, signal?: AbortSignal
): Promise<FactorState> {
  const found = await Promise.all([
    newest('login_success', {user: name}, signal),
    newest('totp_enabled', {user: name}, signal),
    newest('totp_disabled', isOwn ? {user: name} : {resource: name}, signal)
  ]);
  // What an administrator did to somebody else is none of their own.
  return factorState(found.flat().filter((e) => !isOwn || (e.resource ?? name) === name ||
    e.action === 'login_success'));
}
