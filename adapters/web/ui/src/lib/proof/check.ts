// Checks the proof that an event is in the sealed trail, with the public key alone, as
// docs/audit-format.md has it. Trusts nothing of the server but its bytes.
import {type Bytes, fromHex, hex, same} from './bytes';
import {leafOf, membersOf} from './event';
import {fits, type PublicKey} from './keys';
import {leafNode, rootOfPath} from './merkle';
import {type Seal, sealHash, signedBytes} from './seal';

/** What is wrong.
 *  `unreadable`: it is no proof · `another_event`: it proves another than was asked for ·
 *  `path`: not as long as the place asks for, or the place is not in the seal ·
 *  `leaf`: the seal is genuine, but the event, or a node of the path, is not what was sealed ·
 *  `root`: the seal names another root than what the path leads to, and was not signed so ·
 *  `key`: none of the given keys is the seal's · `signature`: it does not fit the seal */
export type Fault =
  'unreadable' | 'another_event' | 'path' | 'leaf' | 'root' | 'key' | 'signature';

export type Step = 'leaf' | 'path' | 'root' | 'key' | 'signature';

export interface Checked {
  fault: Fault | undefined;
  /** What was found of each, as far as it could be looked at. */
  steps: Partial<Record<Step, boolean>>;
  leaf?: string;
  /** What the path leads to. */
  root?: string;
  seal?: Seal;
  sequence?: number;
  /** Of the seal. */
  hash?: string;
  /** The key that signed it. */
  keyId?: string;
}

interface ProofParts {
  event: string;
  sequence: number;
  path: Bytes[];
  seal: Seal;
}

function read(proof: string): ProofParts | undefined {
  try {
    const members = membersOf(proof);
    const nodes: unknown = JSON.parse(members.get('path') ?? 'null');
    const sequence: unknown = JSON.parse(members.get('seq') ?? 'null');
    const seal: unknown = JSON.parse(members.get('seal') ?? 'null');
    const event = members.get('event');
    if (!Array.isArray(nodes) || !Number.isSafeInteger(sequence) || !event) return undefined;
    if (typeof seal !== 'object' || seal === null) return undefined;
    const path = nodes.map((node) => fromHex(node, 32));
    if (path.includes(undefined)) return undefined;
    return {event, sequence: sequence as number, path: path as Bytes[], seal: seal as Seal};
  } catch {
    return undefined;
  }
}

/** `shown`: the event that it is to prove, as the API gave it; anything may be proved without. */
export async function checkProof(
  proof: string, keys: PublicKey[], shown?: string
): Promise<Checked> {
  const parts = read(proof);
  const leaf = parts && (await leafOf(parts.event));
  const signed = parts && signedBytes(parts.seal);
  if (!parts || !leaf || !signed) return {fault: 'unreadable', steps: {}};
  const {seal, sequence, path} = parts;
  const checked: Checked = {fault: undefined, steps: {}, leaf: hex(leaf), seal, sequence};
  const {steps} = checked;

  const shownLeaf = shown === undefined ? leaf : await leafOf(shown);
  steps.leaf = shownLeaf !== undefined && same(leaf, shownLeaf);

  const isWhole = seal.first_event >= 1 && seal.count === seal.last_event - seal.first_event + 1;
  const root = isWhole
    ? await rootOfPath(await leafNode(leaf), sequence - seal.first_event, seal.count, path)
    : undefined;
  steps.path = root !== undefined;
  if (root) {
    checked.root = hex(root);
    steps.root = checked.root === seal.root;
  }

  const key = keys.find(({id}) => id === seal.key_id);
  const signature = fromHex(seal.signature, 64);
  steps.key = key !== undefined;
  if (key) {
    checked.keyId = key.id;
    steps.signature = signature !== undefined && (await fits(key, signature, signed));
  }
  const hash = await sealHash(seal);
  if (hash) checked.hash = hex(hash);
  checked.fault = faultOf(steps);
  return checked;
}

function faultOf(steps: Checked['steps']): Fault | undefined {
  if (!steps.leaf) return 'another_event';
  if (!steps.path) return 'path';
  if (!steps.key) return 'key';
  if (!steps.root) return steps.signature ? 'leaf' : 'root';
  return steps.signature ? undefined : 'signature';
}
