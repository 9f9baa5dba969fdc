// How one file gets to the server: a small one in one request, a large one in pieces by tus, so
// that nothing but the last piece is lost with the line or the server.
import type {Bearer, FileInfo} from '../api/client';
import {asProblem, offline, Problem, problemOf} from '../api/problem';
import {encodePath} from '../lib/files/paths';
import {kBlock} from './digest';
import {backoff} from './rate';

export const kSmall = 8 * 1024 * 1024;
/** A request that brings nothing for a second gives way to the next one at the server; until then
 *  that one is refused. */
export const kSilent = 1200;

const kUploads = '/api/v1/uploads';
const kTus = {'Tus-Resumable': '1.0.0'};

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
  /** A part of it is there, and the rest is about to be sent. */
  oncontinue: () => Promise<void>;
  /** What is before `end` is about to be sent. */
  onpiece: (end: number) => Promise<void>;
}

interface Sent {
  method: string;
  headers?: Record<string, string>;
  body?: Blob;
  signal?: AbortSignal;
  onprogress?: (sent: number) => void;
}

function headersOf(request: XMLHttpRequest): Headers {
  const headers = new Headers();
  for (const line of request.getAllResponseHeaders().split('\r\n')) {
    const at = line.indexOf(':');
    if (at > 0) headers.append(line.slice(0, at), line.slice(at + 1).trim());
  }
  return headers;
}

/** As fetch, which does not tell how much of a body is out. */
function send(path: string, what: Sent, token: string | undefined): Promise<Response> {
  const {method, headers = {}, body, signal, onprogress} = what;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open(method, path);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (token) request.setRequestHeader('Authorization', `Bearer ${token}`);
    if (onprogress) request.upload.onprogress = ({loaded}) => onprogress(loaded);
    request.onload = () => {
      const {status, responseText} = request;
      resolve(new Response(responseText || null, {status, headers: headersOf(request)}));
    };
    request.onerror = () => reject(offline());
    request.onabort = () => reject(signal?.reason);
    request.onloadend = () => signal?.removeEventListener('abort', stop);
    signal?.addEventListener('abort', stop);
    request.send(body ?? null);
  });
}

async function authorized(sender: Bearer, path: string, what: Sent): Promise<Response> {
  const token = await sender.token();
  what.signal?.throwIfAborted();
  const response = await send(path, what, token);
  if (response.status !== 401 || !token) return response;
  const fresh = await sender.replace(token);
  what.signal?.throwIfAborted();
  return fresh ? send(path, what, fresh) : response;
}

async function check(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw problemOf(response, await response.json().catch(() => undefined));
}

/** What is at the path; undefined: nothing. */
export async function look(sender: Bearer, path: string): Promise<FileInfo | undefined> {
  const response = await authorized(sender, `/api/v1/meta/${encodePath(path)}`, {method: 'GET'});
  if (response.status === 404) return undefined;
  return (await check(response)).json();
}

/** As soon as there is a line. */
export async function makeFolder(sender: Bearer, path: string): Promise<void> {
  const url = `/api/v1/dirs/${encodePath(path)}?parents=true`;
  for (let tries = 0; ; ++tries)
    try {
      await check(await authorized(sender, url, {method: 'POST'}));
      return;
    } catch (error) {
      if (!asProblem(error).isOffline) throw error;
      await new Promise((resolve) => setTimeout(resolve, backoff(tries)));
    }
}

export async function putSmall(sender: Bearer, job: Job): Promise<void> {
  const query = `?parents=true${job.overwrite ? '&overwrite=true' : ''}`;
  const url = `/api/v1/files/${encodePath(job.path)}${query}`;
  const type = {'Content-Type': job.file.type || 'application/octet-stream'};
  const {file: body, signal, onprogress} = job;
  onprogress(0);
  await check(await authorized(sender, url, {
    method: 'PUT', body, headers: type, signal, onprogress
  }));
}

/** Ends an upload at the server that is not wanted any more. It refuses while a slow line still
 *  brings of a piece that was broken off: tried for some seconds, as without a line. Throws a
 *  `Problem`. */
export async function discard(sender: Bearer, url: string): Promise<void> {
  for (let wait = 200; ; wait *= 2)
    try {
      const response = await authorized(sender, url, {method: 'DELETE', headers: kTus});
      if (response.status !== 404) await check(response);
      return;
    } catch (error) {
      const {isOffline, status} = asProblem(error);
      if (wait > 4_000 || !(isOffline || status === 409 || status === 503)) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
}

/** What the metadata of tus are: names, and values in base64. */
function metadata(job: Job): string {
  const encode = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const values = {path: job.path, parents: 'true', ...(job.overwrite ? {overwrite: 'true'} : {})};
  return Object.entries(values).map(([name, value]) => `${name} ${encode(value)}`).join(',');
}

/** Is not broken off: without its address nobody could end it. */
async function begin(sender: Bearer, job: Job): Promise<number> {
  job.signal.throwIfAborted();
  const length = String(job.file.size);
  const headers = {...kTus, 'Upload-Length': length, 'Upload-Metadata': metadata(job)};
  const response = await check(await authorized(sender, kUploads, {method: 'POST', headers}));
  const place = response.headers.get('Location');
  if (!place) throw new Problem(response.status, 'unknown');
  job.url = new URL(place, new URL(kUploads, location.href)).href;
  job.onurl(job.url);
  return 0;
}

/** How much of it the server has. */
export async function offsetOf(
  sender: Bearer, url: string, signal?: AbortSignal
): Promise<number> {
  const response = await authorized(sender, url, {
    method: 'HEAD', headers: kTus, ...(signal && {signal})
  });
  // An answer to HEAD has no body that says why.
  if (response.status === 404 || response.status === 410) throw new Problem(404, 'not_found');
  if (response.status === 401) throw new Problem(401, 'token_expired');
  await check(response);
  return offsetIn(response);
}

function offsetIn(response: Response): number {
  const offset = response.headers.get('Upload-Offset');
  if (offset === null) throw new Problem(response.status, 'unknown');
  return Number(offset);
}

async function sendPiece(sender: Bearer, job: Job, url: string, offset: number): Promise<number> {
  const end = (Math.floor(offset / kBlock) + 1) * kBlock;
  await job.onpiece(end);
  job.signal.throwIfAborted();
  const headers = {
    ...kTus, 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream'
  };
  try {
    return offsetIn(await check(await authorized(sender, url, {
      method: 'PATCH', headers, signal: job.signal, body: job.file.slice(offset, end),
      onprogress: (sent) => job.onprogress(offset + sent)
    })));
  } catch (error) {
    if (job.signal.aborted) await new Promise((resolve) => setTimeout(resolve, kSilent));
    throw error;
  }
}

export async function sendLarge(sender: Bearer, job: Job): Promise<void> {
  let offset = job.url ? await offsetOf(sender, job.url, job.signal) : await begin(sender, job);
  if (offset > 0) await job.oncontinue();
  job.onprogress(offset);
  while (offset < job.file.size) {
    offset = await sendPiece(sender, job, job.url!, offset);
    job.onprogress(offset);
  }
}
