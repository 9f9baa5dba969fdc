// What is not seen: it turns the direction of writing, or ends a line, or makes two names that look
// like one. A stranger can bring it into the record, as the name of a failed sign-in, and would
// change how a sentence reads.
const {raw} = String;
const never = raw`[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e` +
  raw`\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb]`;
// Joiners, and what chooses a form, belong between or after the signs of some scripts and of emoji.
const plain = raw`["\w\u00c0-\u024f .()\u200c\u200d-]`;
const misplaced = raw`(?<=^|${plain})[\u200c\u200d]|[\u200c\u200d](?=$|${plain})` +
  raw`|(?<=^|[A-Za-z\u00c0-\u024f "])[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]` +
  raw`|(?<!\u{1f3f4}[\u{e0020}-\u{e007e}]*)[\u{e0000}-\u{e007f}]`;
const hidden = new RegExp(`${never}|${misplaced}`, 'gu');

function escape(sign: string): string {
  const hex = sign.codePointAt(0)!.toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : '\\u' + hex.padStart(4, '0');
}

/** The text with such characters as their escapes. */
export function visible(text: string): string {
  return text.replace(hidden, escape);
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
  const isPlain = json.search(hidden) < 0 && !json.includes('\\u');
  return (isPlain ? value : shown(value)) as T;
}
