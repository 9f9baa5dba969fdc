// The public keys that whoever sits here trusts. They stay in this browser: a server that lies
// about the trail would lie about its key, too.
import {type PublicKey, readKeys, toPem} from '../../../lib/proof/keys';

const kStored = 'baluhost.pinned-keys';

class PinnedKeys {
  keys = $state.raw<PublicKey[]>([]);

  async begin(): Promise<void> {
    this.keys = await readKeys(localStorage.getItem(kStored) ?? '');
  }

  /** Takes what is pasted; false where it holds no key. */
  async pin(pem: string): Promise<boolean> {
    const keys = await readKeys(pem);
    if (keys.length === 0) return false;
    const known = new Map([...this.keys, ...keys].map((key) => [key.id, key]));
    this.#hold([...known.values()]);
    return true;
  }

  unpin(id: string): void {
    this.#hold(this.keys.filter((key) => key.id !== id));
  }

  #hold(keys: PublicKey[]): void {
    this.keys = keys;
    if (keys.length === 0) localStorage.removeItem(kStored);
    else localStorage.setItem(kStored, keys.map(toPem).join(''));
  }
}

export const pinned = new PinnedKeys();
