import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileRules } from '../../../src/routing/decide/rules/compile-rules.ts';
import { orderValue } from '../../../src/routing/decide/rules/rule-environment.ts';
import type { RoutingRule } from '../../../src/routing/decide/rules/rules.ts';
import { order } from '../../support/routing/fixtures.ts';

const rule = (when: string): RoutingRule => ({ name: 'r', when, effect: 'EXCLUDE' });
const TEN = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]';
const nested = (depth: number): string =>
  depth === 0 ? 'true' : `${TEN}.exists(v${depth}, ${nested(depth - 1)})`;
const problemOf = (when: string) => {
  const compiled = compileRules([rule(when)]);
  return compiled.ok ? undefined : compiled.problems[0].message;
};
const evaluate = (when: string, lines = 1) => {
  const compiled = compileRules([rule(when)]);
  if (!compiled.ok) throw new Error(compiled.problems[0].message);
  const [line] = order().lines;
  const facts = { ...order(), lines: Array.from({ length: lines }, () => line!) };
  return compiled.rules[0]!.evaluate({ order: orderValue(facts), now: new Date(0) });
};

describe('a condition that may take too many steps is refused as it is checked', () => {
  const map = (depth: number): string => (depth === 0 ? '1' : `${TEN}.map(v${depth}, ${map(depth - 1)})`);
  test.each([
    ['lists in each other, 12 deep', `${map(12)}.size() > 0`],
    ['quantifiers in each other', nested(6)],
    ['lists of an order in each other', `order.lines.all(a, order.lines.all(b, order.lines.all(c, true)))`],
    [
      'a list that grows',
      `[${TEN}].map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).exists(a, a.exists(b, a.exists(c, a.exists(d, true))))`,
    ],
    ['conditions of a filter', `${TEN}.filter(a, ${nested(5)}).size() > 0`],
    ['a choice of lists', `(true ? ${TEN} : [1]).exists(a, ${nested(5)})`],
  ])('%s', (_what, when) => {
    expect(problemOf(when)).toMatch(/may take more than 100000 steps/);
  });

  test('a name for what is made with itself', () => {
    expect(problemOf('cel.bind(x, [1], x.size() > 0)')).toMatch(/cel.bind\(\) is not available/);
  });

  test.each([
    'order.lines.exists(l, l.quantity > 100)',
    nested(3),
    `order.lines.all(a, order.lines.exists(b, a.sku == b.sku))`,
  ])('what routing needs is not: %s', (when) => expect(problemOf(when)).toBeUndefined());
});

describe('what only the order shows is ended by counting steps', () => {
  const pairs = 'order.lines.all(a, order.lines.all(b, a.quantity == b.quantity))';

  test('an order of many lines', () => {
    expect(evaluate(pairs, 20)).toBe(true);
    expect(() => evaluate(pairs, 1_000)).toThrow(/takes more than 100000 steps/);
    expect(evaluate(pairs, 20)).toBe(true); // counted anew for each evaluation
  });

  test('a text that doubles', () => {
    const doubling = `["ab"]${'.map(x, x + x)'.repeat(30)}.exists(x, x == "a")`;
    expect(() => evaluate(doubling)).toThrow(/grows too long/);
  });
});

test('the same steps on every evaluation: an answer depends on nothing but the order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), (lines) => {
      const outcome = () => {
        try {
          return String(evaluate('order.lines.all(a, order.lines.all(b, true))', lines));
        } catch (error) {
          return (error as Error).message;
        }
      };
      expect(outcome()).toBe(outcome());
    }),
    { numRuns: 30 },
  );
});
