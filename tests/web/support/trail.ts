// What tests of the record need: an auditor, events by the hundred, and a hand in the database.
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Page} from '@playwright/test';
import {Api, type Server} from './server.ts';
import {expect, makeUser, signIn} from './test.ts';

/** Changes the database past the server, as who has the disk could. */
export function meddle(server: Server, sql: string): void {
  const toml = readFileSync(join(server.folder, 'baluhost.toml'), 'utf8');
  const url = /^database\.url = "(.*)"$/m.exec(toml)![1]!;
  if (url.startsWith('sqlite:')) {
    const code = 'import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], 30)\n' +
      'db.executescript(sys.argv[2])\ndb.commit()';
    execFileSync('python3', ['-c', code, url.slice('sqlite:'.length), sql]);
  } else execFileSync('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', sql]);
}

export async function makeAuditor(admin: Api, server: Server): Promise<Api> {
  return makeUser(admin, server, {role: 'auditor'});
}

/** Signs in and opens a page. */
export async function openAs(page: Page, who: Api, path: string): Promise<void> {
  await page.goto('/login?next=' + encodeURIComponent(path));
  await signIn(page, who.name, who.password);
  await expect(page.getByRole('navigation', {name: 'Main navigation'})).toBeAttached();
}

/** Events that fail: removals of what is not there. */
export async function makeEvents(user: Api, count: number): Promise<void> {
  for (let made = 0; made < count; made += 20)
    await Promise.all(
      Array.from({length: 20}, (_, i) => user.send('DELETE', `/files/${user.name}/no-${made + i}`))
    );
}

/** Waits until all events up to now are sealed; returns the state of the trail. */
export async function sealed(auditor: Api): Promise<any> {
  let status: any;
  await expect.poll(async () => {
    status = await auditor.get('/audit/status');
    return status.unsealed;
  }, {timeout: 20_000}).toBe(0);
  return status;
}

/** Of the list of events. */
export const rows = (page: Page) => page.getByRole('grid').getByRole('row');
/** The drawer of one. */
export const event = (page: Page) => page.getByRole('dialog', {name: /^Event \d/});

/** Pastes a key into the drawer. */
export async function trust(page: Page, pem: string): Promise<void> {
  await event(page).getByLabel('Public key that you trust').fill(pem);
  await event(page).getByRole('button', {name: 'Trust this key'}).click();
}

export async function newest(auditor: Api, filter: string): Promise<any> {
  return (await auditor.get(`/audit/events?limit=1&${filter}`)).items[0];
}
