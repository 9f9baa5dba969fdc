// Server-sent events of an answer. EventSource sends no token, and cannot POST.

export interface SentEvent {
  event: string;
  data: string;
  id: string | undefined;
}

/** Takes text in pieces as they come; returns the events that they complete. */
export class SentEvents {
  #rest = '';

  push(piece: string): SentEvent[] {
    const blocks = (this.#rest + piece).split(/\r?\n\r?\n/);
    this.#rest = blocks.pop()!;
    return blocks.flatMap((block) => parse(block) ?? []);
  }
}

function parse(block: string): SentEvent | undefined {
  const found = {event: 'message', data: [] as string[], id: undefined as string | undefined};
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue; // a comment: the stream lives
    const value = line.slice(colon + 1).replace(/^ /, '');
    const name = line.slice(0, colon);
    if (name === 'event') found.event = value;
    if (name === 'data') found.data.push(value);
    if (name === 'id') found.id = value;
  }
  if (found.data.length === 0) return undefined;
  return {event: found.event, data: found.data.join('\n'), id: found.id};
}

/** The events of a body; `onbytes` for every sign of life. Ends with it, throws where it breaks. */
export async function* sentEvents(
  response: Response, onbytes: () => void = () => {}
): AsyncGenerator<SentEvent> {
  const events = new SentEvents();
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const {value, done} = await reader.read();
      if (done) return;
      onbytes();
      yield* events.push(value);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
