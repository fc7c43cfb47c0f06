import { describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { excessiveWork } from '../../../src/graph/policy/document-work.ts';
import { unstorableVariable } from '../../../src/graph/policy/storable-text.ts';

const times = (count: number, part: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => part(n)).join(' ');

describe('documents that would be much work to validate', () => {
  test.each<[string, string, RegExp]>([
    [
      'fields of one alias',
      `{ ${times(480, (n) => `a:orders(first:1){n${n % 50}:nodes{id}}`)} }`,
      /repeats fields/,
    ],
    ['fields that merge deep below', `{ ${times(200, () => 'orders{nodes{id state}}')} }`, /repeats fields/],
    [
      'the same by fragments',
      `{ ${times(250, (n) => `...f${n}`)} } ${times(250, (n) => `fragment f${n} on Query{orders{nodes{id}}}`)}`,
      /repeats fields/,
    ],
    [
      'fragments that double',
      `{ ...f0 } ${times(60, (n) => `fragment f${n} on Query{a{...f${n + 1}} b{...f${n + 1}}}`)} fragment f60 on Query{c}`,
      /repeats fields/,
    ],
    ['spreads of fragments that do not exist', `{ ${times(3_000, (n) => `...f${n}`)} }`, /3000 selections/],
    ['directives', `{ a ${times(201, () => '@skip(if: false)')} }`, /201 directives/],
    ['arguments', `{ a(${times(1_001, (n) => `x${n}: 1`)}) }`, /1001 arguments/],
  ])('%s', (_what, document, says) => {
    const began = performance.now();
    expect(excessiveWork(parse(document))).toMatch(says);
    expect(performance.now() - began).toBeLessThan(1_000); // exponential or quadratic work would never end
  });

  test('what clients send passes: a page of fields, fragments used in many places, cycles that another rule refuses', () => {
    expect(
      excessiveWork(
        parse(
          `{ ${times(60, (n) => `a${n}: sku(code: "${n}") { ...f }`)} } fragment f on Sku { code title }`,
        ),
      ),
    ).toBeUndefined();
    expect(excessiveWork(parse('{ ...f } fragment f on Query { a { ...f } }'))).toMatch(/repeats/);
    expect(excessiveWork(parse('subscription { atp { quantity } }'))).toBeUndefined();
  });
});

describe('variables that no command needs', () => {
  const long = 'x'.repeat(20_001);
  test.each<[string, unknown, string]>([
    ['a long text', { s: long }, '`$s` has 20001 characters; at most 20000 are allowed.'],
    ['a long text in a list', { s: ['a', long] }, '`$s[1]` has 20001 characters; at most 20000 are allowed.'],
    [
      'an object of many fields',
      { i: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`f${n}`, 1])) },
      '`$i` has more than 100 fields, or more than 50000 characters in them.',
    ],
    [
      'an object of long fields',
      { i: { a: 'x'.repeat(20_000), b: 'x'.repeat(20_000), ['c'.repeat(10_000)]: 1 } },
      '`$i` has more than 100 fields, or more than 50000 characters in them.',
    ],
  ])('%s', (_what, variables, says) => expect(unstorableVariable(variables)).toBe(says));

  test('a list of a thousand lines passes', () => {
    const lines = Array.from({ length: 1_000 }, (_, n) => ({ sku: `S-${n}`, quantity: 1 }));
    expect(
      unstorableVariable({ input: { idempotencyKey: 'k', lines, note: 'x'.repeat(20_000) } }),
    ).toBeUndefined();
  });
});
