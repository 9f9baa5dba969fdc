import {afterEach, expect, it, vi} from 'vitest';
import {Problem} from '../../api/problem';
import {said} from '../../i18n/de/said';
import {i18n} from './i18n.svelte';
import {inWords} from './words';

vi.hoisted(() => {
  vi.stubGlobal('navigator', {languages: []});
  vi.stubGlobal('document', {documentElement: {}});
});
afterEach(() => i18n.use('en', false));

const doubtful = new Problem(503, 'unavailable', {
  detail: 'Whether this was done is not known; look before you try again.'
});

it('nobody is told that nothing was done where that is not known', async () => {
  await i18n.use('en', false);
  expect(inWords(doubtful)).toBe(doubtful.message);
  expect(inWords(new Problem(503, 'unavailable'))).toContain('busy');
  await i18n.use('de', false);
  expect(inWords(doubtful)).toBe(said[doubtful.message]);
});

it('what the server says in words of its own is said in the language in use', async () => {
  await i18n.use('de', false);
  const refused = new Problem(400, 'invalid_request', {detail: 'The request breaks a rule.'});
  expect(inWords(refused)).toContain(said['The request breaks a rule.']);
  const late = new Problem(400, 'invalid_request', {
    errors: [{pointer: '/expires_at', detail: 'must be in 14 days at the latest'}]
  });
  expect(inWords(late)).toContain(
    said['must be in # days at the latest']!.replace('#', () => '14'));
});
