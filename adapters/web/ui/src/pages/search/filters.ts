// What is searched for, as the address has it.
export const kinds = ['', 'file', 'directory'] as const;
export const changes = ['', 'day', 'week', 'month', 'year'] as const;

export interface Filters {
  q: string;
  /** Below which folder alone. */
  path: string;
  /** The folder from which the search came: it is offered. */
  from: string;
  kind: (typeof kinds)[number];
  changed: (typeof changes)[number];
}

const days: Record<Exclude<Filters['changed'], ''>, number> = {
  day: 1, week: 7, month: 30, year: 365
};

export function filtersOf(query: URLSearchParams): Filters {
  const text = (name: string) => query.get(name) ?? '';
  return {
    q: text('q').trim(),
    path: text('path'),
    from: text('from') || text('path'),
    kind: kinds.find((kind) => kind === text('kind')) ?? '',
    changed: changes.find((changed) => changed === text('changed')) ?? ''
  };
}

/** The server searches for nothing without a letter or digit. */
export function isSearchable(q: string): boolean {
  return /[\p{L}\p{N}]/u.test(q);
}

export function queryOf({q, path, kind, changed}: Filters, now = Date.now()) {
  const since = changed && new Date(now - days[changed] * 86_400_000).toISOString();
  return {q, ...(path && {path}), ...(kind && {kind}), ...(since && {modified_from: since})};
}
