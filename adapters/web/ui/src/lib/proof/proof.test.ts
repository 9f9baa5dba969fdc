// The test vectors of docs/audit-format.md, read from there.
import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {fromHex, hex, sha256} from './bytes';
import {checkProof} from './check';
import {canonicalEncoding, leafOf, membersOf} from './event';
import {type PublicKey, readKeys, support, toPem} from './keys';
import {innerNode, leafNode, pathLength, rootOfPath} from './merkle';
import {type Seal, sealHash, signedBytes} from './seal';

const document = process.env.BALUHOST_AUDIT_FORMAT ?? '../../../docs/audit-format.md';
const fenced = readFileSync(document, 'utf8').split('## Test vectors')[1]!.split('```')[1]!;
const vectors: Record<string, string> = {};
let name = '';
for (const line of fenced.trim().split('\n')) {
  const begun = /^([a-z][\w ,]*): (.*)$/i.exec(line);
  if (begun) vectors[(name = begun[1]!)] = begun[2]!;
  else vectors[name] += line;
}

const nothing = '"user":null,"resource":null,"success":true,"error_message":null';
const anna =
  '{"id":1,"timestamp":"2026-11-24T02:54:31.123456Z","event_type":"FILE_ACCESS",' +
  '"action":"upload","user":"anna","resource":"/anna/café.txt","success":true,' +
  '"error_message":null,"details":{"file_size":5},"ip_address":"192.0.2.7",' +
  '"user_agent":"curl/7.88.1"}';
const started =
  '{"id":2,"timestamp":"1969-12-31T23:59:59.999999Z","event_type":"SYSTEM",' +
  `"action":"server_started",${nothing},"details":{},"ip_address":null,"user_agent":null}`;
const removed =
  '{"id":4,"timestamp":"2026-11-24T02:54:32.000000Z","event_type":"FILE_ACCESS",' +
  '"action":"delete","user":"anna","resource":"/anna/x","success":false,' +
  '"error_message":"not_found","details":{},"ip_address":"2001:db8::7","user_agent":""}';
const events = [anna, started, removed];

const raw = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 32)!;
const key: PublicKey = {id: vectors['key id']!, raw};

const first: Seal = {
  seal: 1, first_event: 1, last_event: 2, count: 2, root: vectors['root of 2']!,
  previous: '0'.repeat(64), sealed_at: '2026-11-24T02:54:32.000001Z', recovered: false,
  key_id: key.id, signature: vectors['seal 1, signature']!
};
const proof = (changes: Record<string, unknown> = {}, seal: Partial<Seal> = {}, event = anna) =>
  JSON.stringify({seq: 1, path: [], ...changes, seal: {...first, ...seal}})
    .replace('{', `{"event":${event},`);

async function honest(changes = {}, seal = {}, event = anna): Promise<string> {
  const path = [hex(await leafNode(fromHex(vectors['leaf 2'], 32)!))];
  return proof({path, ...changes}, seal, event);
}

const keys = [key];
const faultOf = async (text: string, given = keys, shown?: string) =>
  (await checkProof(text, given, shown)).fault;

test('this Node.js can check signatures', async () => expect(await support()).toBe('yes'));

describe('the vectors of the document', () => {
  test.each([0, 1, 2])('encoding and leaf of event %i', async (i) => {
    expect(hex(canonicalEncoding(events[i]!)!)).toBe(vectors[`encoding ${i + 1}`]);
    expect(hex((await leafOf(events[i]!))!)).toBe(vectors[`leaf ${i + 1}`]);
  });

  test('roots of one, two and three leaves', async () => {
    const leaves = await Promise.all(events.map(async (e) => leafNode((await leafOf(e))!)));
    const [a, b, c] = leaves as [never, never, never];
    const two = await innerNode(a, b);
    expect(hex(a)).toBe(vectors['root of 1']);
    expect(hex(two)).toBe(vectors['root of 2']);
    expect(hex(await innerNode(two, c))).toBe(vectors['root of 3']);
    // Each leaf of three leads there by its own path.
    for (const [index, path] of [[b, c], [a, c], [two]].entries())
      expect(hex((await rootOfPath(leaves[index]!, index, 3, path))!)).toBe(vectors['root of 3']);
  });

  test('signed bytes and hash of seal 1', async () => {
    expect(hex(signedBytes(first)!)).toBe(vectors['seal 1, signed bytes']);
    expect(hex((await sealHash(first))!)).toBe(vectors['seal 1, hash']);
  });

  test('signed bytes, hash and signature of seal 2, which was recovered', async () => {
    const signed = vectors['seal 2, signed bytes']!;
    const root = hex(await leafNode((await leafOf(removed))!));
    const second: Seal = {
      ...first, seal: 2, first_event: 3, last_event: 3, count: 1, root, recovered: true,
      previous: vectors['seal 1, hash']!, sealed_at: '2026-11-24T02:54:33.000002Z',
      signature: vectors['seal 2, signature']!
    };
    expect(hex(signedBytes(second)!)).toBe(signed);
    expect(hex((await sealHash(second))!)).toBe(vectors['seal 2, hash']);
    const text = proof({seq: 3}, second, removed);
    expect(await checkProof(text, keys, removed)).toMatchObject({
      fault: undefined, hash: vectors['seal 2, hash'],
      steps: {leaf: true, path: true, root: true, key: true, signature: true}
    });
  });

  test('the key id is that of the raw key', async () => {
    expect(hex((await sha256(raw)).subarray(0, 8))).toBe(vectors['key id']);
    expect(await readKeys(toPem(key))).toEqual([key]);
  });
});

test('an honest proof holds, with the event in another order of members too', async () => {
  expect(await faultOf(await honest(), keys, anna)).toBeUndefined();
  expect(await faultOf(JSON.stringify(JSON.parse(await honest()), null, 2))).toBe('leaf');
  const turned = anna.replace('"id":1,', '').replace('{', '{"id":1, ');
  expect(await faultOf(await honest({}, {}, turned), keys, anna)).toBeUndefined();
});

describe('is refused by name', () => {
  test('an event that was changed after it was sealed', async () => {
    const changed = anna.replace('upload', 'delete');
    expect(await faultOf(await honest({}, {}, changed))).toBe('leaf');
    // The database was changed: what is shown, and what is proved, both are.
    expect(await faultOf(await honest({}, {}, changed), keys, changed)).toBe('leaf');
    expect(await faultOf(await honest({}, {}, anna.replace('5}', '5 }')))).toBe('leaf');
  });
  test('the proof of another event', async () => {
    expect(await faultOf(await honest(), keys, started)).toBe('another_event');
  });
  test('a wrong node, a path of another length, a place that is not in the seal', async () => {
    expect(await faultOf(proof({path: ['ab'.repeat(32)]}))).toBe('leaf');
    expect(await faultOf(proof({path: []}))).toBe('path');
    expect(await faultOf(proof({path: ['ab'.repeat(32), 'ab'.repeat(32)]}))).toBe('path');
    for (const seq of [0, 3]) expect(await faultOf(await honest({seq}))).toBe('path');
    expect(await faultOf(await honest({}, {count: 3}))).toBe('path');
  });
  test('a root that was not signed', async () => {
    expect(await faultOf(await honest({}, {root: 'ab'.repeat(32)}))).toBe('root');
  });
  test('a signature of something else, and anything that it covers', async () => {
    const signature = vectors['seal 2, signature']!;
    expect(await faultOf(await honest({}, {signature}))).toBe('signature');
    expect(await faultOf(await honest({}, {signature: ''}))).toBe('signature');
    expect(await faultOf(await honest({}, {seal: 9}))).toBe('signature');
    expect(await faultOf(await honest({}, {previous: 'ab'.repeat(32)}))).toBe('signature');
    expect(await faultOf(await honest({}, {recovered: true}))).toBe('signature');
    const sealed_at = '2026-11-24T02:54:32.000000Z';
    expect(await faultOf(await honest({}, {sealed_at}))).toBe('signature');
  });
  test('another key, whatever it calls itself', async () => {
    const other = {...key, id: '0011223344556677'};
    expect(await faultOf(await honest(), [other])).toBe('key');
    expect(await faultOf(await honest(), [])).toBe('key');
    const raw = fromHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 32)!;
    expect(await faultOf(await honest(), [{id: key.id, raw}])).toBe('signature');
    expect(await faultOf(await honest({}, {key_id: 'x'}))).toBe('key');
  });
  test('what is no proof', async () => {
    for (const text of ['', '{}', '[]', 'null', '{"event":1}', proof({path: ['xy']}),
                        proof({seq: '1'}), proof({}, {root: 'no'}), proof({}, {}, '{"id":1}'),
                        proof({}, {}, anna.replace('{', '{"id":1,'))])
      expect(await faultOf(text), text).toBe('unreadable');
  });
});

test('the length of a path is that of its place', () => {
  const lengths = Array.from({length: 7}, (_, index) => pathLength(index, 7));
  expect(lengths).toEqual([3, 3, 3, 3, 3, 3, 2]);
  expect(pathLength(0, 1)).toBe(0);
});

test('keys are read from PEM, one or several, and nothing else is', async () => {
  expect(await readKeys(toPem(key) + '\n' + toPem(key))).toHaveLength(2);
  expect(await readKeys('nothing')).toEqual([]);
  expect(await readKeys(toPem(key).replace('MCow', 'MCox'))).toEqual([]);
  expect(await readKeys('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----')).toEqual([]);
});

test('members are taken as they stand', () => {
  const members = membersOf(' { "a" : {"b":"}\\"" , "c":[1, 2]} ,"d":-1.5e3,"e\\u0066":null } ');
  expect([...members]).toEqual([
    ['a', '{"b":"}\\"" , "c":[1, 2]}'], ['d', '-1.5e3'], ['ef', 'null']
  ]);
  expect(() => membersOf('{"a":1,"a":2}')).toThrow(SyntaxError);
  expect(() => membersOf('{"a":1')).toThrow(SyntaxError);
});
