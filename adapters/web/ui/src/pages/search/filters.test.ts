import {describe, expect, it} from 'vitest';
import {filtersOf, isSearchable, queryOf} from './filters';

const of = (query: string) => filtersOf(new URLSearchParams(query));

describe('filters of a search', () => {
  it('are what the address says, and nothing that it may not say', () => {
    expect(of('q=%20a%20b%20&kind=file&changed=week&path=/anna/x')).toEqual({
      q: 'a b', path: '/anna/x', from: '/anna/x', kind: 'file', changed: 'week'
    });
    const none = {q: '', path: '', from: '', kind: '', changed: ''};
    expect(of('kind=other&changed=ages')).toEqual(none);
  });

  it('ask the server for what was chosen alone', () => {
    expect(queryOf(of('q=a&from=/anna/x'))).toEqual({q: 'a'});
    const now = Date.parse('2026-11-27T12:00:00Z');
    expect(queryOf(of('q=a&kind=directory&changed=day&path=/anna'), now)).toEqual({
      q: 'a', path: '/anna', kind: 'directory', modified_from: '2026-11-26T12:00:00.000Z'
    });
  });

  it('need a letter or digit', () => {
    expect(['a', 'é', '東', '7', '*a*'].map(isSearchable)).not.toContain(false);
    expect(['', ' ', '...', '🙂'].map(isSearchable)).not.toContain(true);
  });
});
