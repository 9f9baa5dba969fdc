// The real baluhostd as a process, on a database of its own of the kind that BALUHOST_TEST_DATABASE
// names, with cheap password hashes.
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {chmodSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

export const adminPassword = 'correct horse battery';
export const password = 'a fine pass phrase';

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

let databases = 0;

function makeDatabase(folder: string): string {
  if (process.env.BALUHOST_TEST_DATABASE !== 'postgresql')
    return `sqlite:${folder}/data/baluhost.db`;
  const maintenance = readFileSync(setting('BALUHOST_TEST_POSTGRES'), 'utf8').trim();
  const name = `baluhost_web_${process.pid}_${databases++}`;
  const sql = `create database ${name} template template0 encoding 'UTF8'`;
  execFileSync('psql', ['-q', '-d', maintenance, '-c', sql]);
  return maintenance.replace(/\/[^/]*$/, '/' + name);
}

export class Server {
  readonly folder = mkdtempSync(join(tmpdir(), 'baluhost-web-'));
  url = '';
  #process: ChildProcess | undefined;
  #starts = 0;

  constructor(extra = '') {
    const toml = [
      'server.listen = "127.0.0.1:0"',
      `server.data_dir = "${this.folder}/data"`,
      `database.url = "${makeDatabase(this.folder)}"`,
      'auth.argon2_memory_kib = 7168',
      'auth.argon2_iterations = 1',
      ...(extra.includes('auth.max_attempts') ? [] : ['auth.max_attempts = 100000']),
      'files.min_free_bytes = "1MiB"',
      extra
    ];
    writeFileSync(join(this.folder, 'baluhost.toml'), toml.join('\n') + '\n');
    writeFileSync(join(this.folder, 'admin-password'), adminPassword + '\n');
    chmodSync(join(this.folder, 'admin-password'), 0o400);
  }

  /** Starts it, on the port that it had before. */
  async start(): Promise<void> {
    const out = join(this.folder, `stdout-${++this.#starts}`);
    const port = this.url ? new URL(this.url).port : '';
    const listen = port ? ['--listen', `127.0.0.1:${port}`] : [];
    const config = join(this.folder, 'baluhost.toml');
    this.#process = spawn(
      join(setting('BALUHOST_TEST_BIN_DIR'), 'baluhostd'),
      ['--config', config, ...listen],
      {
        stdio: ['ignore', openSync(out, 'w'), openSync(join(this.folder, 'stderr'), 'a')],
        env: {...process.env, BALUHOST_ADMIN_PASSWORD_FILE: join(this.folder, 'admin-password')}
      }
    );
    for (let i = 0; i < 3000; ++i) {
      const line = /listening on (\S+)\n/.exec(readFileSync(out, 'utf8'));
      if (line) {
        this.url = line[1]!;
        return;
      }
      if (this.#process.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('baluhostd is not ready: ' + readFileSync(join(this.folder, 'stderr'), 'utf8'));
  }

  /** Ends it; SIGKILL: as a power cut would. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.end();
    rmSync(this.folder, {recursive: true, force: true});
  }
}

/** A user of the API, beside the browser. */
export class Api {
  readonly name: string;
  readonly password: string;
  readonly #server: Server;
  #token = '';

  constructor(server: Server, name: string, secret = password) {
    this.#server = server;
    this.name = name;
    this.password = secret;
  }

  async login(): Promise<this> {
    const body = {username: this.name, password: this.password};
    this.#token = ((await this.post('/auth/login', body)) as {access_token: string}).access_token;
    return this;
  }

  async send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token) headers.set('Authorization', `Bearer ${this.#token}`);
    return fetch(`${this.#server.url}/api/v1${path}`, {...init, method, headers});
  }

  async json(method: string, path: string, body?: unknown): Promise<any> {
    const init: RequestInit = body === undefined ? {} : {
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify(body)
    };
    const response = await this.send(method, path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text && JSON.parse(text);
  }

  get = (path: string) => this.json('GET', path);
  post = (path: string, body?: unknown) => this.json('POST', path, body);

  /** Stores a file below one's home. */
  async put(path: string, content: string | Uint8Array): Promise<any> {
    const at = `/files/${this.name}/${path.split('/').map(encodeURIComponent).join('/')}`;
    const put = () =>
      this.send('PUT', at + '?parents=true&overwrite=true', {body: content as BodyInit});
    let response = await put();
    // A server that is busy asks for another try.
    for (let i = 0; response.status === 503 && i < 20; ++i) {
      const seconds = Number(response.headers.get('Retry-After') ?? 1);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      response = await put();
    }
    if (!response.ok) throw new Error(`PUT ${path}: ${await response.text()}`);
    return response.json();
  }

  async folder(path: string): Promise<void> {
    const at = `/dirs/${this.name}/${path.split('/').map(encodeURIComponent).join('/')}`;
    await this.json('POST', at + '?parents=true');
  }
}
