// What the list leaves out until it is asked for: that sessions were kept going, four times an hour
// each. The API has no filter for it, and exports and reports have it all.
import type {AuditEvent, Filters} from './filters';

const kStored = 'baluhost.routine';

class Routine {
  isShown = $state(localStorage.getItem(kStored) === 'shown');

  show(on: boolean): void {
    this.isShown = on;
    if (on) localStorage.setItem(kStored, 'shown');
    else localStorage.removeItem(kStored);
  }
}

export const routine = new Routine();

/** Is it one that nobody looks for? Not where the filter names an action. */
export const isRoutine = ({action, success}: AuditEvent, filters: Filters): boolean =>
  action === 'token_refresh' && success && !filters.action;
