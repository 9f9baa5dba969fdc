import {describe, expect, it} from 'vitest';
import {asProblem} from './problem';

describe('a TypeError', () => {
  it.each([
    'Failed to fetch', 'network error', 'NetworkError when attempting to fetch resource.',
    'Error in input stream', 'Load failed', 'Could not connect to the server.',
    'The network connection was lost.',
    'Failed to fetch dynamically imported module: http://host/assets/a.js'
  ])('of the line says that: %s', (text) => {
    expect(asProblem(new TypeError(text)).code).toBe('offline');
  });
  it('of the page is none of the line', () => {
    const nothing = undefined as unknown as {a: {(): void}; [Symbol.iterator](): Iterator<number>};
    const wrong = {a: 1} as unknown as typeof nothing;
    for (const run of [() => nothing.a, () => wrong.a(), () => [...wrong]])
      try {
        run();
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        expect(asProblem(error).code).toBe('unknown');
      }
    for (const text of ['x is undefined', 'can\'t access property "a", x is undefined',
                        'undefined is not an object (evaluating \'x.a\')', 'x is null'])
      expect(asProblem(new TypeError(text)).code).toBe('unknown');
  });
});
