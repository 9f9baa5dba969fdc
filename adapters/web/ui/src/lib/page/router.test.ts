import {beforeAll, describe, expect, it, vi} from 'vitest';

let module: typeof import('./router.svelte');

beforeAll(async () => {
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('location', {pathname: '/', search: '', hash: ''});
  vi.stubGlobal('history', {state: null});
  module = await import('./router.svelte');
});

describe('a route is found by its pattern', () => {
  const routes = [
    {pattern: '/login', page: 'login'},
    {pattern: '/users', page: 'users'},
    {pattern: '/users/{name}', page: 'user'},
    {pattern: '/files/{path}', page: 'files'}
  ];
  it.each([
    ['/login', 'login', {}],
    ['/users/anna', 'user', {name: 'anna'}],
    ['/files', 'files', {path: ''}],
    ['/files/', 'files', {path: ''}],
    ['/files/anna', 'files', {path: '/anna'}],
    ['/files/anna/a%20b/%C3%A4%2525', 'files', {path: '/anna/a b/ä%25'}]
  ])('%s', (path, page, params) => {
    expect(module.match(routes, path)).toEqual({page, params});
  });
  it.each(['/', '/log', '/login/x', '/users/', '/users/a/b', '/files/%E0%A4%A'])(
    'none: %s',
    (path) => expect(module.match(routes, path)).toBeUndefined()
  );
});

describe('one comes back to places of ours alone', () => {
  it.each(['/files/a', '/files?x=1', '/s/1#secret'])('%s', (next) =>
    expect(module.safeNext(next)).toBe(next)
  );
  it.each([null, '', 'files', '//evil.example', '/\\evil.example', 'https://evil.example',
           '/\t/evil.example', 'javascript:alert(1)', '/login', '/login?next=%2F'])(
    'not %s',
    (next) => expect(module.safeNext(next)).toBe('/files')
  );
});
