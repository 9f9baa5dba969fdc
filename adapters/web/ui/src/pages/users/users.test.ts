import {describe, expect, it, vi} from 'vitest';
import type {User} from '../../api/client';

vi.hoisted(() => vi.stubGlobal('location', new URL('http://localhost/')));
import {isOnlyAdmin, searchUsers, sortUsers, usernameFault} from './users';

function user(username: string, more: Partial<User> = {}): User {
  return {
    id: username.length * 1000 + username.charCodeAt(0), username, email: null, role: 'user',
    enabled: true, quota_bytes: null, used_bytes: 0, created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z', ...more
  };
}

const anna = user('anna', {email: 'Anna@Example.org', used_bytes: 5, role: 'admin'});
const bert = user('bert', {used_bytes: 9});
const cleo = user('cleo', {used_bytes: 5, role: 'auditor', created_at: '2025-01-01T00:00:00Z'});
const all = [bert, cleo, anna];
const names = (users: User[]) => users.map((u) => u.username).join(' ');

describe('people', () => {
  it('are found by words of name and e-mail', () => {
    expect(names(searchUsers(all, ''))).toBe('bert cleo anna');
    expect(names(searchUsers(all, 'ANN example'))).toBe('anna');
    expect(names(searchUsers(all, 'ann bert'))).toBe('');
  });
  it.each([
    ['username', 'anna bert cleo'], ['-username', 'cleo bert anna'],
    ['used_bytes', 'anna cleo bert'], ['-used_bytes', 'bert anna cleo'],
    ['role', 'anna cleo bert'], ['created_at', 'cleo anna bert']
  ])('by %s', (sort, order) => expect(names(sortUsers(all, sort))).toBe(order));
  it('have a last administrator', () => {
    expect(isOnlyAdmin(anna, all)).toBe(true);
    expect(isOnlyAdmin(anna, [...all, user('dora', {role: 'admin', enabled: false})])).toBe(true);
    expect(isOnlyAdmin(anna, [...all, user('dora', {role: 'admin'})])).toBe(false);
  });
  it.each([
    ['a', 'short'], ['x'.repeat(33), 'short'], ['an na', 'letters'], ['änna', 'letters'],
    ['.anna', 'begin'], ['anna.', 'end'], ['Anna-1_2.x', undefined]
  ])('may be called %s: %s', (name, fault) => expect(usernameFault(name)).toBe(fault));
});
