import {asProblem} from '../../api/problem';

const kAgain = 5_000;

/** For use while a component is set up: where the line or the server was lost, asks again until it
 *  is back. */
export function againOnline(asker: {readonly error: unknown; load(): Promise<void>}): void {
  $effect(() => {
    if (!asker.error || !asProblem(asker.error).isOffline) return;
    const again = () => void asker.load();
    const timer = setInterval(again, kAgain);
    addEventListener('online', again);
    return () => {
      clearInterval(timer);
      removeEventListener('online', again);
    };
  });
}
