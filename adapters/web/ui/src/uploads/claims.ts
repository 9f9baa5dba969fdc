// Which tab sends what of an upload that outlives a reload: a lock that ends with its tab.

const nameOf = (id: string) => `baluhost.upload ${id}`;

/** No other tab sends it. */
export async function isFree(id: string): Promise<boolean> {
  if (!navigator.locks) return true;
  return navigator.locks.request(nameOf(id), {ifAvailable: true}, (lock) => lock !== null);
}

/** Says to other tabs that this one sends it; returns how to end that. */
export function claim(id: string): () => void {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  void navigator.locks?.request(nameOf(id), () => released);
  return release;
}
