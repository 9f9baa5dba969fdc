import {api, ask} from '../../api/client';
import type {AuditEvent} from './filters';

/** So long what was asked for counts, ms: a link that is not known by then is asked for again. */
const kKept = 60_000;

/** A try at a link that did not open tells its number alone; where it leads, the event that made it
 *  says. */
const isUntold = ({action, resource, details}: AuditEvent): boolean =>
  action === 'share_opened' && !resource && typeof details.share === 'string';

class Links {
  #paths = $state.raw<ReadonlyMap<unknown, string>>(new Map());
  #askedAt = -Infinity;

  /** Asks for the links of these, where they are not known. */
  look(events: readonly (AuditEvent | undefined)[]): void {
    const now = performance.now();
    if (!events.some((event) => event && isUntold(event) && !this.pathOf(event))) return;
    if (now - this.#askedAt < kKept) return;
    this.#askedAt = now;
    const query = {action: 'share_created', limit: 1000};
    ask(api.GET('/api/v1/audit/events', {params: {query}})).then(({items}) => {
      this.#paths = new Map(items.flatMap(({details, resource}) =>
        resource ? [[details.share, resource]] : []));
    }, () => {}); // the link's number stands there
  }

  pathOf(event: AuditEvent): string | undefined {
    return isUntold(event) ? this.#paths.get(event.details.share) : undefined;
  }
}

export const links = new Links();
