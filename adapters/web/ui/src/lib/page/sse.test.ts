import {expect, test} from 'vitest';
import {SentEvents} from './sse';

test('events come whole, however they are cut', () => {
  const text = ': hello\n\nid: 7\ndata: {"a":\ndata: 1}\n\n' +
    'event: report\r\ndata:x: y\r\n\r\ndata: late';
  for (let size = 1; size < text.length; ++size) {
    const events = new SentEvents();
    const found = [];
    for (let at = 0; at < text.length; at += size)
      found.push(...events.push(text.slice(at, at + size)));
    expect(found).toEqual([
      {event: 'message', data: '{"a":\n1}', id: '7'},
      {event: 'report', data: 'x: y', id: undefined}
    ]);
  }
});
