// Uploads with tus-js-client as a program of its users would, through a pause, a restart of the
// server and a loss of it in the middle.
//   node tus.mjs MODULES ENDPOINT TOKEN PATH DIRECTORY
// DIRECTORY is where this program and the test tell each other how far they are: NAME.reached is
// ours, NAME.go on is the test's.
import { createRequire } from 'node:module';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [modules, endpoint, token, path, directory] = process.argv.slice(2);
const tus = createRequire(`${modules}/`)('tus-js-client');
const content = readFileSync(`${directory}/content`);
const chunkSize = 100_000;

const reached = (name) => writeFileSync(`${directory}/${name}.reached`, '');
const mayGoOn = (name) => existsSync(`${directory}/${name}.go`);
const until = async (condition) => {
  while (!condition()) await new Promise((wake) => setTimeout(wake, 5));
};
const untilHolding = (condition) => {
  // As a computer that sleeps: nothing of this program runs meanwhile.
  while (!condition()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
};

const options = (name, more) => ({
  endpoint,
  chunkSize,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { path: `${path}/${name}`, filename: name, filetype: 'application/octet-stream' },
  retryDelays: Array(100).fill(50),
  fingerprint: async () => name,
  urlStorage: new tus.FileUrlStorage(`${directory}/urls.json`),
  storeFingerprintForResuming: true,
  removeFingerprintOnSuccess: true,
  ...more,
});

const finished = (name, more, prepare = async () => {}) =>
  new Promise((resolve, reject) => {
    const upload = new tus.Upload(content,
      options(name, { onSuccess: () => resolve(upload), onError: reject, ...more }));
    prepare(upload).then(() => upload.start(), reject);
  });

// In one go, the first bytes with the creation.
await finished('at-once', { uploadDataDuringCreation: true, chunkSize: Infinity });

// Paused by its user; gone on with by another program, when the server was another process too.
await new Promise((resolve, reject) => {
  let paused = false;
  const upload = new tus.Upload(content, options('paused', {
    onError: reject,
    onSuccess: () => reject(new Error('it was to be paused')),
    onChunkComplete: (size, accepted) => {
      if (paused || accepted < 3 * chunkSize) return;
      paused = true;
      upload.abort().then(resolve, reject);
    },
  }));
  upload.start();
});
reached('paused');
await until(() => mayGoOn('paused'));
let begunAt;
await finished('paused', { onProgress: (sent) => (begunAt ??= sent) }, async (upload) => {
  const [previous] = await upload.findPreviousUploads();
  if (!previous) throw new Error('the pause was not remembered');
  upload.resumeFromPreviousUpload(previous);
});
if (!(begunAt >= 3 * chunkSize)) throw new Error(`it began again at ${begunAt}`);

// The server is killed in the middle and comes back: the client tries again by itself.
let held = false;
let retries = 0;
await finished('killed', {
  onShouldRetry: () => ++retries > 0,
  onChunkComplete: (size, accepted) => {
    if (held || accepted < 5 * chunkSize) return;
    held = true;
    reached('killed');
    untilHolding(() => mayGoOn('killed'));
  },
});
if (retries === 0) throw new Error('the server was not missed');

// The network dies without a word to the server, and is back at once under another address: the
// client, as it comes, tries again after 0, 1, 3 and 5 seconds.
const { connect, createServer } = await import('node:net');
const { hostname, port } = new URL(endpoint);
let forwarded = 0;
let died = false;
const network = createServer((client) => {
  const server = connect(port, hostname);
  client.on('data', (bytes) => {
    if (died || (forwarded += bytes.length) < content.length / 2) return server.write(bytes);
    died = true;
    server.write(bytes);
    client.removeAllListeners(); // the server's side stays open and says nothing any more
    client.destroy();
  });
  server.on('data', (bytes) => client.write(bytes));
  client.on('error', () => {});
  client.on('close', () => server.destroy());
  server.on('error', () => {});
  server.on('close', () => client.destroy());
});
await new Promise((ready) => network.listen(0, '127.0.0.1', ready));
const away = new URL(endpoint);
away.port = network.address().port;
await finished('silenced',
  { endpoint: away.href, chunkSize: Infinity, retryDelays: tus.defaultOptions.retryDelays });
if (!died) throw new Error('the network did not die');
network.close();

// Given up for good.
await new Promise((resolve, reject) => {
  const upload = new tus.Upload(content, options('given-up', {
    onError: reject,
    onChunkComplete: () => upload.abort(true).then(resolve, reject),
  }));
  upload.start();
});
console.log('done');
process.exit(0); // whatever connections are still kept
