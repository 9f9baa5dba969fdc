// Where one is. Links are plain links: a click on one of ours is taken here, without a load.

export interface Place {
  path: string;
  query: URLSearchParams;
  /** Without `#`. A share's secret stands there: it is never sent, and never logged. */
  fragment: string;
}

export type Params = Record<string, string>;

export interface Route<Page> {
  /** `{name}` is one segment; `{path}`, at the end, is none or more, decoded, with a slash before
   *  each. */
  pattern: string;
  page: Page;
}

/** The address of the page: what lies over it may have another. */
const here = (): string => history.state?.at ?? location.href;

function read(): Place {
  const {pathname, search, hash} = history.state?.at ? new URL(history.state.at) : location;
  return {path: pathname, query: new URLSearchParams(search), fragment: hash.slice(1)};
}

/** A `%` that stands for itself is one that somebody has typed. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function matchOne(pattern: string, segments: string[]): Params | undefined {
  const params: Params = {};
  const wanted = pattern.split('/').slice(1);
  for (const [i, part] of wanted.entries()) {
    if (part === '{path}') {
      params.path = segments.slice(i).filter(Boolean).map((s) => '/' + s).join('');
      return params;
    }
    const segment = segments[i];
    if (segment === undefined) return undefined;
    if (part.startsWith('{') && segment) params[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return segments.length === wanted.length ? params : undefined;
}

/** The route of a path, with the values of its placeholders; undefined where there is none. */
export function match<Page>(
  routes: Route<Page>[],
  path: string
): {page: Page; params: Params} | undefined {
  const segments = path.split('/').slice(1).map(decode);
  for (const route of routes) {
    const params = matchOne(route.pattern, segments);
    if (params) return {page: route.page, params};
  }
  return undefined;
}

/** A place of ours to go back to after signing in; others' are not followed. */
export function safeNext(next: string | null): string {
  if (!next || !/^\/(?![/\\])/.test(next) || /[\\\t\r\n]/.test(next)) return '/files';
  return next.startsWith('/login') ? '/files' : next;
}

/** Of the browser's `navigation`: before it goes to another entry of the history. */
type Navigate = Event & {navigationType: string};

class Router {
  place = $state.raw<Place>(read());
  /** What lies over the page, which stays: it has an entry of the history, so that Back closes it
   *  and Forward opens it again. */
  over = $state<string>();
  /** How the dialogs and menus that are open are closed, the one on top last. */
  #dialogs: (() => void)[] = [];
  #href = here();
  #turning?: ReturnType<typeof setTimeout>;
  #isClosing = false;

  constructor() {
    // The types of TypeScript lack it, as older browsers do.
    const {navigation} = globalThis as {navigation?: EventTarget};
    navigation?.addEventListener('navigate', (event) => this.#keep(event as Navigate));
    addEventListener('popstate', () => {
      this.#isClosing = false;
      // What they ask is about another place.
      if (this.#look()) for (const close of this.#dialogs.toReversed()) close();
    });
    addEventListener('hashchange', () => this.#look());
    this.#look();
  }

  go(to: string, how: 'push' | 'replace' = 'push'): void {
    if (how === 'push') history.pushState(null, '', to);
    else history.replaceState(null, '', to);
    this.#look();
    if (how === 'push') scrollTo(0, 0);
  }

  /** `to`: its own address, where it has one. */
  open(over: string, to = ''): void {
    history.pushState({over, at: this.#href}, '', to);
    this.over = over;
  }

  /** Another thing over the page, in the place of what was. Browsers take so many changes of the
   *  history at a time, so it has the last one once there is a pause. */
  turn(over: string, to = ''): void {
    this.over = over;
    clearTimeout(this.#turning);
    this.#turning = setTimeout(() => {
      if (this.over === over && history.state?.over)
        history.replaceState({over, at: this.#href}, '', to);
    }, 200);
  }

  close(): void {
    if (this.over === undefined || this.#isClosing) return;
    this.#isClosing = true;
    history.back();
  }

  /** A dialog or menu is open: until the function that it gets is called, Back closes it and does
   *  nothing else. Where the browser does not let that be, it goes with the place where it was
   *  opened. */
  dialog(close: () => void): () => void {
    this.#dialogs.push(close);
    return () => (this.#dialogs = this.#dialogs.filter((other) => other !== close));
  }

  #keep(event: Navigate): void {
    const top = this.#dialogs.at(-1);
    // What lies over the page lies over dialogs too, and has an entry of its own.
    if (!top || this.over !== undefined) return;
    if (event.navigationType !== 'traverse' || !event.cancelable) return;
    event.preventDefault();
    top();
  }

  /** Was it another place? */
  #look(): boolean {
    this.over = history.state?.over;
    if (here() === this.#href) return false;
    this.#href = here();
    this.place = read();
    return true;
  }

  /** Changes the query alone. */
  setQuery(changes: Record<string, string | undefined>, how: 'push' | 'replace' = 'replace'): void {
    const query = new URLSearchParams(this.place.query);
    for (const [name, value] of Object.entries(changes))
      if (value === undefined || value === '') query.delete(name);
      else query.set(name, value);
    const text = query.toString();
    const {path, fragment} = this.place;
    this.go(path + (text ? '?' + text : '') + (fragment ? '#' + fragment : ''), how);
  }

  /** For the document's clicks. */
  follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.target || link.hasAttribute('download')) return;
    if (link.origin !== location.origin || link.pathname.startsWith('/api/')) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  }
}

export const router = new Router();
