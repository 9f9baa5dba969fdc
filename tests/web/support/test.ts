// What every test of the web application has: a server, a user of its own, and a page on which
// nothing goes wrong unseen.
import AxeBuilder from '@axe-core/playwright';
import {type BrowserContext, expect, type Page, test as base} from '@playwright/test';
import {adminPassword, Api, password, Server} from './server.ts';

export {expect};
export {adminPassword, Api, password, Server};

/** What went wrong in the browser: errors of scripts and the console, refusals of the content
 *  security policy, requests to other hosts. */
export class Watch {
  readonly faults: string[] = [];
  #allowed: RegExp[] = [];

  constructor(context: BrowserContext, host: string) {
    context.on('weberror', (error) => this.#add(`script: ${error.error().stack}`));
    context.on('console', (message) => {
      if (message.type() === 'error')
        this.#add(`console: ${message.text()} ${message.location().url}`);
    });
    context.on('request', (request) => {
      if (!request.url().startsWith(host)) this.#add(`request: ${request.url()}`);
    });
  }

  /** The console says that a request failed: it is to, and the page shows it. */
  allow(pattern: RegExp): void {
    this.#allowed.push(pattern);
  }

  #add(fault: string): void {
    if (!this.#allowed.some((pattern) => pattern.test(fault))) this.faults.push(fault);
  }
}

interface Fixtures {
  watch: Watch;
  /** A new user, logged in at the API. */
  user: Api;
  /** The page, signed in as `user`. */
  home: Page;
}

interface WorkerFixtures {
  server: Server;
  admin: Api;
}

let users = 0;

export async function makeUser(admin: Api, server: Server, extra: object = {}): Promise<Api> {
  const username = `user${process.pid}x${users++}`;
  await admin.post('/users', {username, password, ...extra});
  return new Api(server, username).login();
}

export async function signIn(page: Page, name: string, secret = password): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', {exact: true}).fill(secret);
  await page.getByRole('button', {name: 'Sign in'}).click();
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [
    async ({}, use) => {
      const server = new Server();
      await server.start();
      await use(server);
      await server.remove();
    },
    {scope: 'worker'}
  ],
  admin: [
    async ({server}, use) => use(await new Api(server, 'admin', adminPassword).login()),
    {scope: 'worker'}
  ],
  baseURL: async ({server}, use) => use(server.url),
  watch: [
    async ({context, server}, use) => {
      const watch = new Watch(context, server.url);
      await use(watch);
      expect(watch.faults).toEqual([]);
    },
    {auto: true}
  ],
  user: async ({admin, server}, use) => use(await makeUser(admin, server)),
  home: async ({page, user}, use) => {
    await page.goto('/');
    await signIn(page, user.name);
    await expect(page.locator('main#content')).toBeAttached();
    await use(page);
  }
});

/** axe finds nothing on the page as it is, wide and narrow; nor, in the dark, too little contrast:
 *  all else is the same there. */
export async function expectAccessible(page: Page): Promise<void> {
  const size = page.viewportSize()!;
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 360]) {
      await page.emulateMedia({colorScheme, reducedMotion: 'reduce'});
      await page.setViewportSize({width, height: 800});
      const axe = new AxeBuilder({page});
      if (colorScheme === 'light') axe.withTags(tags);
      else axe.withRules(['color-contrast', 'link-in-text-block']);
      const {violations} = await axe.analyze();
      const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' | ')}`);
      expect(found, `${colorScheme}, ${width} px`).toEqual([]);
    }
  await page.setViewportSize(size);
}
