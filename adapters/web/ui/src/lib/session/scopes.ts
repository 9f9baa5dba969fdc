import type {Schemas} from '../../api/client';
import type {Key} from '../language/i18n.svelte';

export type Scope = Schemas['Scope'];

export interface ScopeWords {
  scope: Scope;
  label: Key;
  hint: Key;
}

/** What a key may be allowed, in plain words. */
export const scopes: ScopeWords[] = [
  {scope: 'files:read', label: 'scope.read', hint: 'scope.read_hint'},
  {scope: 'files:write', label: 'scope.write', hint: 'scope.write_hint'},
  {scope: 'files:delete', label: 'scope.delete', hint: 'scope.delete_hint'},
  {scope: 'shares', label: 'scope.shares', hint: 'scope.shares_hint'},
  {scope: 'audit:read', label: 'scope.audit', hint: 'scope.audit_hint'},
  {scope: 'admin', label: 'scope.admin', hint: 'scope.admin_hint'}
];

export function scopeLabel(scope: Scope): Key {
  return scopes.find((words) => words.scope === scope)!.label;
}
