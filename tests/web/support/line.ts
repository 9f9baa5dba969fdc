// A line to the server on which an answer is held up.
import {createServer, type IncomingMessage, request, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';

interface Line {
  url: string;
  /** The next answer of success waits. */
  hold(): void;
  /** It is here, and waits. */
  held: Promise<void>;
  /** Another was refused meanwhile. */
  refused: Promise<void>;
  release(): void;
  end(): Promise<void>;
}

/** Passes all on to the server; answers to `path` can be held. */
export async function slowLine(server: string, path: string): Promise<Line> {
  const {hostname, port} = new URL(server);
  const is = (set: (resolve: () => void) => void) => new Promise<void>((resolve) => set(resolve));
  let onheld = () => {};
  let onrefused = () => {};
  let release = () => {};
  let isHeld = false;
  const held = is((resolve) => (onheld = resolve));
  const refused = is((resolve) => (onrefused = resolve));
  const released = is((resolve) => (release = resolve));

  async function answer(from: IncomingMessage, to: ServerResponse, asked: IncomingMessage) {
    if (asked.url === path && from.statusCode === 401) onrefused();
    if (asked.url === path && from.statusCode === 200 && isHeld) {
      isHeld = false;
      onheld();
      await released;
    }
    to.writeHead(from.statusCode!, from.rawHeaders);
    from.pipe(to);
  }

  const proxy = createServer((asked, to) => {
    const options = {hostname, port, method: asked.method, path: asked.url, headers: asked.headers};
    const on = request(options, (from) => void answer(from, to, asked));
    on.on('error', () => to.destroy());
    asked.pipe(on);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    hold: () => (isHeld = true),
    held,
    refused,
    release,
    end: () => new Promise((resolve) => {
      proxy.closeAllConnections();
      proxy.close(() => resolve());
    })
  };
}
