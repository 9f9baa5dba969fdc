import {beforeAll, describe, expect, it, vi} from 'vitest';

let module: typeof import('./router.svelte');
const page = new EventTarget();
const navigation = new EventTarget();
const location = {href: '/', pathname: '/', search: '', hash: ''};
const history = {
  state: null as unknown,
  back: vi.fn(),
  pushState: (state: unknown) => (history.state = state)
};

beforeAll(async () => {
  vi.stubGlobal('addEventListener', (name: string, listener: () => void) =>
    page.addEventListener(name, listener));
  vi.stubGlobal('location', location);
  vi.stubGlobal('navigation', navigation);
  vi.stubGlobal('history', history);
  module = await import('./router.svelte');
});

/** Back is pressed: has the browser gone back? */
function goBack(mayKeep = true): boolean {
  const event = new Event('navigate', {cancelable: mayKeep});
  return navigation.dispatchEvent(Object.assign(event, {navigationType: 'traverse'}));
}
function arrive(href: string): void {
  location.href = href;
  page.dispatchEvent(new Event('popstate'));
}

describe('Back, where dialogs are open', () => {
  it('closes the one on top, and nothing else', () => {
    const [below, top] = [vi.fn(), vi.fn()];
    const belowGone = module.router.dialog(below);
    const topGone = module.router.dialog(top);
    expect(goBack()).toBe(false);
    expect([below, top].map((close) => close.mock.calls.length)).toEqual([0, 1]);
    topGone();
    expect(goBack()).toBe(false);
    expect([below, top].map((close) => close.mock.calls.length)).toEqual([1, 1]);
    belowGone();
    expect(goBack()).toBe(true);
  });

  it('closes them where the browser goes to another place all the same', () => {
    const close = vi.fn();
    const gone = module.router.dialog(close);
    expect(goBack(false)).toBe(true);
    arrive('/'); // the same place
    expect(close).not.toHaveBeenCalled();
    arrive('/other');
    expect(close).toHaveBeenCalledOnce();
    gone();
  });

  it('closes what lies over them first, once however often it is asked to', () => {
    const close = vi.fn();
    const gone = module.router.dialog(close);
    module.router.open('/a');
    expect(goBack()).toBe(true);
    module.router.close();
    module.router.close();
    expect(history.back).toHaveBeenCalledOnce();
    history.state = null;
    arrive(location.href);
    expect(module.router.over).toBeUndefined();
    module.router.open('/a');
    module.router.close();
    expect(history.back).toHaveBeenCalledTimes(2);
    history.state = null;
    arrive(location.href);
    expect(close).not.toHaveBeenCalled();
    gone();
  });
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
    ['/files/anna/a%20b/%C3%A4%2525', 'files', {path: '/anna/a b/ä%25'}],
    ['/files/anna/100%', 'files', {path: '/anna/100%'}]
  ])('%s', (path, page, params) => {
    expect(module.match(routes, path)).toEqual({page, params});
  });
  it.each(['/', '/log', '/login/x', '/users/', '/users/a/b'])(
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
