// Calls of the API. Their types come from docs/openapi.yaml: what that lacks does not compile.
import createClient, {defaultPathSerializer} from 'openapi-fetch';
import {encodePath} from '../lib/files/paths';
import {parseVisible} from '../lib/language/visible';
import {session} from '../lib/session/session.svelte';
import {offline, problemOf} from './problem';
import type {components, paths} from './schema';

export type Schemas = components['schemas'];
export type FileInfo = Schemas['FileInfo'];
export type User = Schemas['User'];

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    if (request.signal.aborted) throw request.signal.reason;
    throw offline();
  }
}

/** A password or code of a form was wrong, not the token: another try would count as a second. */
async function isWrongPassword(response: Response): Promise<boolean> {
  const body: unknown = await response.clone().json().catch(() => undefined);
  return problemOf(response, body).code === 'invalid_credentials';
}

/** Whose token a call bears. */
export interface Bearer {
  token(): Promise<string | undefined>;
  /** Another than the one that the server refused; undefined: there is none. */
  replace(spent: string): Promise<string | undefined>;
  /** What its root is called, where that has no name of its own. */
  readonly rootName?: string | undefined;
  /** Where that is known: may it put one file in another's place? */
  readonly mayReplace?: boolean;
}

/** As fetch, with the token of `bearer`; one that ended early is replaced once. */
export async function authorized(bearer: Bearer, request: Request): Promise<Response> {
  const again = request.clone();
  const token = await bearer.token();
  if (token) request.headers.set('Authorization', `Bearer ${token}`);
  const response = await send(request);
  if (response.status !== 401 || !token || (await isWrongPassword(response))) return response;
  const fresh = await bearer.replace(token);
  if (!fresh) return response;
  again.headers.set('Authorization', `Bearer ${fresh}`);
  return send(again);
}

function pathSerializer(template: string, values: Record<string, unknown>): string {
  const {path, ...others} = values;
  const rest = defaultPathSerializer(template, others);
  return path === undefined ? rest : rest.replace('{path}', encodePath(String(path)));
}

const options = {baseUrl: location.origin, pathSerializer};

export function clientOf(bearer: Bearer) {
  const fetch = async (request: Request) => {
    const response = await authorized(bearer, request);
    if (!request.url.includes('/api/v1/audit/') || !response.ok) return response;
    return Response.json(parseVisible(await response.text()));
  };
  return createClient<paths>({...options, fetch});
}
export type Client = ReturnType<typeof clientOf>;

/** For who is signed in. */
export const api = clientOf(session);

/** As `api`, for what it does not read: the bytes of a proof, streams of events. */
export const authorizedFetch = (request: Request) => authorized(session, request);

/** For strangers: sign-in, share links. */
export const open = createClient<paths>({...options, fetch: send});

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The data of a call; throws a `Problem` where it failed. */
export async function ask<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  const {data, error, response} = await call;
  if (!response.ok) throw problemOf(response, error);
  return data as Data;
}
