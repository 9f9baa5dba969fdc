import {expect, it} from 'vitest';
import {parseQuota, splitQuota} from './quota';

it.each([
  ['0', 'MiB', 0], ['1', 'GiB', 1024 ** 3], [' 1,5 ', 'GiB', 1.5 * 1024 ** 3],
  ['.5', 'MiB', 512 * 1024], ['', 'MiB', undefined], ['-1', 'MiB', undefined],
  ['1e3', 'MiB', undefined], ['x', 'MiB', undefined], ['1 000', 'MiB', undefined],
  ['9000000000000', 'TiB', undefined]
] as const)('%s %s', (text, unit, size) => expect(parseQuota(text, unit)).toBe(size));

it.each([
  [0, '0', 'MiB'], [1024 ** 3, '1', 'GiB'], [1536 * 1024 ** 2, '1536', 'MiB'],
  [1024 ** 4 * 2, '2', 'TiB'], [5_000_000_000, '4.66', 'GiB'], [1000, '0', 'MiB']
] as const)('%d', (size, text, unit) => expect(splitQuota(size)).toEqual({text, unit}));
