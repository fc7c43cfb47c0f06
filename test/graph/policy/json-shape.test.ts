import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { excessiveShape } from '../../../src/graph/policy/json-shape.ts';
import { limits } from '../../../src/graph/policy/query-limits.ts';

test.each([
  ['deep lists', `{"variables":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'nested deeper'],
  ['many objects', `{"variables":[${'{},'.repeat(60_000)}{}]}`, 'more than 50000 values'],
  ['many numbers', `[${'1,'.repeat(60_000)}1]`, 'more than 50000 values'],
  ['brackets behind an escaped quote', `["\\"${'x'.repeat(20_000)}",${'['.repeat(300)}`, 'nested deeper'],
])('%s are not parsed', (_name, text, why) => {
  expect(excessiveShape(text)).toContain(why);
});

test.each([
  ['a long string of brackets', JSON.stringify({ query: '{['.repeat(40_000) })],
  ['a string that ends in a backslash', JSON.stringify(['\\'.repeat(30_001), '[,'.repeat(20_000)])],
  ['a string without an end', `["${'['.repeat(30_000)}`],
  [
    '500 references of ten fields',
    JSON.stringify(Array.from({ length: 500 }, () => Array(10).fill('SKU-1'))),
  ],
])('%s is left to the parser', (_name, text) => {
  expect(excessiveShape(text)).toBeUndefined();
});

test('counts what JSON.parse makes', () => {
  const padding = 'x'.repeat(20_000);
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(excessiveShape(JSON.stringify([padding, value]))).toBeUndefined();
      const repeated = Array.from({ length: limits.jsonValues }, () => value);
      expect(excessiveShape(JSON.stringify([padding, repeated]))).toContain('more than');
    }),
    { numRuns: 20 },
  );
});
