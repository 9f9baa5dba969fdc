// What turns the direction of writing, or ends a line, without being seen. A stranger can bring it
// into the record, as the name of a failed sign-in, and would change how a sentence reads.
const hidden = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text with such characters as their escapes. */
export function visible(text: string): string {
  return text.replace(hidden, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
}

function shown(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (Array.isArray(value)) return value.map(shown);
  if (!value || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [visible(k), shown(v)]));
}

/** As JSON.parse, for what others brought into the record. */
export function parseVisible<T>(json: string): T {
  const value: unknown = JSON.parse(json);
  const isPlain = json.search(hidden) < 0 && !/\\u(061c|20)/i.test(json);
  return (isPlain ? value : shown(value)) as T;
}
