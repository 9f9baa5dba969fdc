import {expect, it} from 'vitest';
import {agentOf} from './agent';

it.each([
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 ' +
      'Safari/537.36', 'Chrome', 'Linux', false
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
      'Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0', 'Edge', 'Windows', false
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like ' +
      'Gecko) Version/18.0 Mobile/15E148 Safari/604.1', 'Safari', 'iPhone', true
  ],
  ['Mozilla/5.0 (Android 15; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0', 'Firefox', 'Android',
    true],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0',
    'Firefox', 'macOS', false],
  ['curl/7.88.1', 'curl', undefined, false],
  ['something else', undefined, undefined, false],
  [null, undefined, undefined, false]
])('%s', (text, name, system, isPhone) => {
  const agent = agentOf(text);
  expect(agent.name).toBe(name);
  expect(agent.system).toBe(system);
  expect(agent.isPhone).toBe(isPhone);
});
