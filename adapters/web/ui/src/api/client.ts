// Calls of the API. Their types come from docs/openapi.yaml: what that lacks does not compile.
import createClient, {defaultPathSerializer} from 'openapi-fetch';
import {session} from '../lib/session.svelte';
import {offline, problemOf} from './problem';
import type {components, paths} from './schema';

export type Schemas = components['schemas'];
export type FileInfo = Schemas['FileInfo'];
export type User = Schemas['User'];

/** Of a path of ours, `/anna/a b`, for a URL: `anna/a%20b`. */
export function encodePath(path: string): string {
  return path.replace(/^\//, '').split('/').map(encodeURIComponent).join('/');
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    if (request.signal.aborted) throw request.signal.reason;
    throw offline();
  }
}

/** As fetch, with the token of who is signed in; one that ended early is replaced once. */
export async function authorized(request: Request): Promise<Response> {
  const again = request.clone();
  const token = await session.token();
  if (token) request.headers.set('Authorization', `Bearer ${token}`);
  const response = await send(request);
  if (response.status !== 401 || !token) return response;
  const fresh = await session.replace(token);
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

/** For who is signed in. */
export const api = createClient<paths>({...options, fetch: authorized});

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
