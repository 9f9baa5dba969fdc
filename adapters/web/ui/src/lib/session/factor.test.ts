import {expect, it, vi} from 'vitest';
import {factorState} from './factor';
import type {AuditEvent} from '../language/sentences';

vi.hoisted(() => vi.stubGlobal('location', new URL('http://localhost/')));

const at = (hour: number, action: string, factors?: string[]) =>
  ({timestamp: `2026-11-24T${hour}:00:00Z`, action, details: factors ? {factors} : {}}) as
    unknown as AuditEvent;
const both = ['password', 'totp'];

it.each([
  [[], undefined],
  [[at(10, 'login_success', ['password'])], false],
  [[at(10, 'login_success', both)], true],
  [[at(10, 'login_success', ['password', 'recovery_code'])], true],
  [[at(10, 'login_success', ['password']), at(11, 'totp_enabled')], true],
  [[at(12, 'login_success', ['password']), at(11, 'totp_enabled')], false],
  [[at(10, 'login_success', both), at(11, 'totp_disabled'), at(12, 'totp_enabled')], true],
  [[at(10, 'login_success', both), at(13, 'totp_disabled'), at(12, 'totp_enabled')], false]
])('%#', (events, isOn) => expect(factorState(events).isOn).toBe(isOn));
