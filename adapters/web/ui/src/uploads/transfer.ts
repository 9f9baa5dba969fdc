// How one file gets to the server: a small one in one request, a large one in pieces by tus, so
// that nothing but the last piece is lost with the line or the server.
import {type DetailedError, Upload as TusUpload} from 'tus-js-client';
import type {Bearer, FileInfo} from '../api/client';
import {asProblem, offline, Problem, problemOf} from '../api/problem';
import {encodePath} from '../lib/files/paths';

export const kSmall = 8 * 1024 * 1024;
const kPiece = 16 * 1024 * 1024;
/** A request that brings nothing for a second gives way to the next one at the server; until then
 *  that one is refused. */
const kSilent = 1200;

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

async function authorized(sender: Bearer, path: string, init: RequestInit): Promise<Response> {
  const send = async (token: string | undefined) => {
    const headers = new Headers(init.headers);
    if (token) headers.set('Authorization', `Bearer ${token}`);
    try {
      return await fetch(path, {...init, headers});
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw offline();
    }
  };
  const token = await sender.token();
  const response = await send(token);
  if (response.status !== 401 || !token) return response;
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

/** Ends an upload at the server that is not wanted any more. It refuses while a slow line still
 *  brings of a piece that was broken off: tried for some seconds, as without a line. Throws a
 *  `Problem`. */
export async function discard(sender: Bearer, url: string): Promise<void> {
  const headers = {'Tus-Resumable': '1.0.0'};
  for (let wait = 200; ; wait *= 2)
    try {
      const response = await authorized(sender, url, {method: 'DELETE', headers});
      if (response.status !== 404) await check(response);
      return;
    } catch (error) {
      const {isOffline, status} = asProblem(error);
      if (wait > 4_000 || !(isOffline || status === 409 || status === 503)) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
}

function problemOfTus(error: Error | DetailedError): Problem {
  const answer = 'originalResponse' in error ? error.originalResponse : null;
  if (!answer) return 'originalRequest' in error ? offline() : asProblem(error);
  const headers = new Headers();
  for (const name of ['Retry-After', 'X-Request-Id']) {
    const value = answer.getHeader(name);
    if (value) headers.set(name, value);
  }
  let body: unknown;
  try {
    body = JSON.parse(answer.getBody());
  } catch {
    body = undefined; // of HEAD, or of a proxy
  }
  const status = answer.getStatus();
  const response = new Response(null, {status: status >= 200 ? status : 500, headers});
  // An answer to HEAD has no body that says why.
  if (body === undefined && [404, 410].includes(status)) return new Problem(404, 'not_found');
  if (body === undefined && status === 401) return new Problem(401, 'token_expired');
  return problemOf(response, body);
}

export async function sendLarge(sender: Bearer, job: Job): Promise<void> {
  let token = await sender.token();
  try {
    await sendPieces(sender, job);
  } catch (error) {
    // Refused in spite of a refresh before the end: the clock, or a session that was changed.
    if (asProblem(error).status !== 401 || !token) throw error;
    token = await sender.replace(token);
    if (!token) throw error;
    await sendPieces(sender, job);
  }
}

function sendPieces(sender: Bearer, job: Job): Promise<void> {
  job.signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const upload = new TusUpload(job.file, {
      // With an endpoint the client would begin again at 0 after any refusal.
      endpoint: job.url ? null : '/api/v1/uploads',
      uploadUrl: job.url ?? null,
      chunkSize: kPiece,
      retryDelays: null,
      storeFingerprintForResuming: false,
      removeFingerprintOnSuccess: false,
      metadata: {path: job.path, parents: 'true', ...(job.overwrite ? {overwrite: 'true'} : {})},
      onBeforeRequest: async (request) => {
        const token = await sender.token();
        job.signal.throwIfAborted(); // what is not yet sent, the client would send all the same
        if (token) request.setHeader('Authorization', `Bearer ${token}`);
      },
      onUploadUrlAvailable: () => {
        if (!upload.url) return;
        job.url = upload.url;
        job.onurl(upload.url);
        if (job.signal.aborted) stop();
      },
      onProgress: (sent) => job.onprogress(sent),
      onSuccess: () => done(resolve),
      onError: (error) => done(() => reject(problemOfTus(error)))
    });
    const stop = () => {
      // One that is about to begin is waited for: without its address nobody could end it.
      if (!upload.url) return;
      void upload.abort();
      setTimeout(() => done(() => reject(job.signal.reason)), kSilent);
    };
    const done = (end: () => void) => {
      job.signal.removeEventListener('abort', stop);
      end();
    };
    job.signal.addEventListener('abort', stop);
    upload.start();
  });
}
