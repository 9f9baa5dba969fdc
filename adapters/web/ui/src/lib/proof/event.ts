// The canonical encoding of an event, from the object of the API as it came over the wire: its
// `details` count byte for byte, as they were written.
import {byte, type Bytes, concat, counted, int64, microseconds, sha256} from './bytes';

/** The members of a JSON object, each as the text that it has there. Throws a SyntaxError. */
export function membersOf(json: string): Map<string, string> {
  JSON.parse(json); // what follows relies on it
  const members = new Map<string, string>();
  let at = json.indexOf('{') + 1;
  const space = () => {
    while (/\s/.test(json[at] ?? '')) at += 1;
  };
  for (;;) {
    space();
    if (json[at] === '}') return members;
    if (json[at] === ',') {
      at += 1;
      continue;
    }
    const nameAt = at;
    at = endOfValue(json, at);
    const name = JSON.parse(json.slice(nameAt, at)) as string;
    space();
    at += 1; // the colon
    space();
    const valueAt = at;
    at = endOfValue(json, at);
    if (members.has(name)) throw new SyntaxError(`twice: ${name}`);
    members.set(name, json.slice(valueAt, at));
  }
}

function endOfText(json: string, at: number): number {
  at += 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

function endOfValue(json: string, at: number): number {
  if (json[at] === '"') return endOfText(json, at);
  if (json[at] !== '{' && json[at] !== '[') {
    while (!/[\s,}\]]/.test(json[at] ?? ',')) at += 1;
    return at;
  }
  let depth = 0;
  for (;;) {
    const c = json[at];
    if (c === '"') {
      at = endOfText(json, at);
      continue;
    }
    if (c === '{' || c === '[') depth += 1;
    if (c === '}' || c === ']') depth -= 1;
    at += 1;
    if (depth === 0) return at;
  }
}

const order = [
  'id', 'timestamp', 'event_type', 'action', 'user', 'resource', 'success', 'error_message',
  'details', 'ip_address', 'user_agent'
] as const;
const nullable = new Set<string>([
  'user', 'resource', 'error_message', 'ip_address', 'user_agent'
]);

function column(name: (typeof order)[number], raw: string): Bytes | undefined {
  if (name === 'details')
    return raw.startsWith('{') ? concat(byte(2), counted(raw)) : undefined;
  const value: unknown = JSON.parse(raw);
  if (name === 'id')
    return Number.isSafeInteger(value) ? concat(byte(1), int64(value as number)) : undefined;
  if (name === 'timestamp') {
    const time = microseconds(value);
    return time === undefined ? undefined : concat(byte(1), int64(time));
  }
  if (name === 'success')
    return typeof value === 'boolean' ? Uint8Array.of(3, value ? 1 : 0) : undefined;
  if (value === null && nullable.has(name)) return byte(0);
  return typeof value === 'string' ? concat(byte(2), counted(value)) : undefined;
}

/** The encoding of an event of the API; undefined where it is none. */
export function canonicalEncoding(json: string): Bytes | undefined {
  let members: Map<string, string>;
  try {
    members = membersOf(json);
  } catch {
    return undefined;
  }
  if (members.size !== order.length) return undefined;
  const columns: Bytes[] = [byte(1)];
  for (const name of order) {
    const raw = members.get(name);
    const bytes = raw === undefined ? undefined : column(name, raw);
    if (!bytes) return undefined;
    columns.push(bytes);
  }
  return concat(...columns);
}

/** What is sealed of an event; undefined where it is none. */
export async function leafOf(json: string): Promise<Bytes | undefined> {
  const encoding = canonicalEncoding(json);
  return encoding && sha256(encoding);
}
