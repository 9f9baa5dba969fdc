// How one file gets to the server: a small one in one request, a large one in pieces by tus, so
// that nothing but the last piece is lost with the line or the server.
import type {Bearer, FileInfo} from '../api/client';
import {offline, Problem, problemOf} from '../api/problem';
import {encodePath} from '../lib/paths';

export const kSmall = 8 * 1024 * 1024;
const kPiece = 16 * 1024 * 1024;

export interface Job {
  file: File;
  /** Of the file to be: `/anna/a.txt`. */
  path: string;
  overwrite: boolean;
  /** Where a part of it is already. */
  url: string | undefined;
  signal: AbortSignal;
  onprogress: (sent: number) => void;
  onurl: (url: string) => void;
}

type Send = (path: string, init: RequestInit & {headers: Headers}) => Promise<Response>;

async function authorized(
  sender: Bearer, path: string, init: RequestInit, by: Send = fetch
): Promise<Response> {
  const send = async (token: string | undefined) => {
    const headers = new Headers(init.headers);
    if (token) headers.set('Authorization', `Bearer ${token}`);
    try {
      return await by(path, {...init, headers});
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw offline();
    }
  };
  const token = await sender.token();
  const response = await send(token);
  if (response.status !== 401 || !token) return response;
  // In spite of a refresh before the end: the clock, or a session that was changed.
  const fresh = await sender.replace(token);
  return fresh ? send(fresh) : response;
}

async function check(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw problemOf(response, await response.json().catch(() => undefined));
}

/** What is at the path; undefined: nothing. */
export async function look(sender: Bearer, path: string): Promise<FileInfo | undefined> {
  const response = await authorized(sender, `/api/v1/meta/${encodePath(path)}`, {});
  if (response.status === 404) return undefined;
  return (await check(response)).json();
}

export async function makeFolder(sender: Bearer, path: string): Promise<void> {
  const url = `/api/v1/dirs/${encodePath(path)}?parents=true`;
  await check(await authorized(sender, url, {method: 'POST'}));
}

export async function putSmall(sender: Bearer, job: Job): Promise<void> {
  const query = `?parents=true${job.overwrite ? '&overwrite=true' : ''}`;
  const url = `/api/v1/files/${encodePath(job.path)}${query}`;
  const type = {'Content-Type': job.file.type || 'application/octet-stream'};
  await check(await authorized(sender, url, {
    method: 'PUT', body: job.file, headers: type, signal: job.signal
  }));
  job.onprogress(job.file.size);
}

const tus = {'Tus-Resumable': '1.0.0'};

/** Ends an upload at the server that is not wanted any more. */
export async function discard(sender: Bearer, url: string): Promise<void> {
  await authorized(sender, url, {method: 'DELETE', headers: tus});
}

const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** Its address at the server. */
async function begin(sender: Bearer, job: Job): Promise<string> {
  const about = {path: job.path, parents: 'true', ...(job.overwrite && {overwrite: 'true'})};
  const metadata = Object.entries(about).map(([key, value]) => `${key} ${base64(value)}`);
  const response = await check(await authorized(sender, '/api/v1/uploads', {
    method: 'POST', signal: job.signal,
    headers: {...tus, 'Upload-Length': String(job.file.size), 'Upload-Metadata': metadata.join()}
  }));
  return new URL(response.headers.get('Location') ?? '', location.href).href;
}

/** How much of it the server has. */
function offsetOf(response: Response): number {
  // An answer to HEAD has no body that says why.
  if (response.status === 404) throw new Problem(404, 'not_found');
  if (response.status === 401) throw new Problem(401, 'token_expired');
  const offset = response.headers.get('Upload-Offset');
  if (!response.ok || offset === null) throw problemOf(response, undefined);
  return Number(offset);
}

/** As fetch, which does not tell how far a body is. */
function sendTelling(onsent: (sent: number) => void): Send {
  return (path, {method, headers, body, signal}) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method!, path);
    headers.forEach((value, name) => request.setRequestHeader(name, value));
    const stop = () => request.abort();
    signal?.addEventListener('abort', stop);
    request.upload.onprogress = ({loaded}) => onsent(loaded);
    request.onload = () => {
      const lines = request.getAllResponseHeaders().trim().split('\r\n');
      const told = lines.map((line): [string, string] => {
        const [name = '', ...value] = line.split(': ');
        return [name, value.join(': ')];
      });
      const {status, responseText} = request;
      resolve(new Response(responseText || null, {status, headers: told}));
    };
    request.onerror = () => reject(new TypeError('no answer'));
    request.onabort = () => reject(signal?.reason);
    request.onloadend = () => signal?.removeEventListener('abort', stop);
    request.send(body as Blob);
  });
}

export async function sendLarge(sender: Bearer, job: Job): Promise<void> {
  const {file, signal} = job;
  let offset = 0;
  if (job.url) {
    offset = offsetOf(await authorized(sender, job.url, {method: 'HEAD', headers: tus, signal}));
  } else {
    job.url = await begin(sender, job);
    job.onurl(job.url);
  }
  job.onprogress(offset);
  while (offset < file.size) {
    const from = offset;
    const send = sendTelling((sent) => job.onprogress(from + sent));
    const response = await check(await authorized(sender, job.url, {
      method: 'PATCH', body: file.slice(from, from + kPiece), signal,
      headers: {
        ...tus, 'Upload-Offset': String(from), 'Content-Type': 'application/offset+octet-stream'
      }
    }, send));
    offset = offsetOf(response);
    if (offset <= from) throw new Problem(response.status, 'unknown');
    job.onprogress(offset);
  }
}
