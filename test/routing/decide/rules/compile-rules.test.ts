import { describe, expect, test } from '@jest/globals';
import {
  compileRules,
  orderOfEffects,
  starterRules,
  type RoutingRule,
} from '../../../../src/routing/index.ts';
import { rule } from '../../../support/routing/fixtures.ts';

const problemsOf = (...rules: RoutingRule[]) => {
  const result = compileRules(rules);
  return result.ok ? [] : result.problems;
};

describe('mistakes in a rule are told with their place', () => {
  const conditions: [string, string, number, number, RegExp][] = [
    ['nothing', '', 1, 1, /EOF/],
    ['an unfinished comparison', 'order.valueMinor > ', 1, 20, /EOF/],
    ['a missing parenthesis', '(order.priority > 1', 1, 20, /RPAREN/],
    ['an assignment', 'order.priority = 1', 1, 16, /Unexpected character/],
    ['a word for an operator', 'order.priority > 1 and true', 1, 20, /Unexpected/],
    ['an open string', 'order.channel == "JD', 1, 18, /Unterminated string/],
    ['an unknown variable', 'oder.priority > 1', 1, 1, /Unknown variable: oder/],
    ['an unknown field', 'order.prioritee > 1', 1, 7, /prioritee/],
    ['an unknown field of a field', 'order.destination.town == "x"', 1, 19, /town/],
    ['an unknown field of a list’s item', 'order.lines.exists(l, l.colour == "red")', 1, 25, /colour/],
    ['an unknown field in the third line', 'true &&\n  true &&\n  node.size > 3', 3, 8, /size/],
    [
      'an unknown field after text that is not Latin',
      'order.brand == "喜茶" && line.name == ""',
      1,
      29,
      /name/,
    ],
    ['an unknown function', 'true && nearby(order, node)', 1, 9, /nearby\(Order, Node\)/],
    ['arguments in the wrong order', 'sameCity(node, order)', 1, 1, /sameCity\(Node, Order\)/],
    ['a number compared with a text', 'node.openOrders == "3"', 1, 1, /int == string/],
    ['whole and decimal numbers multiplied', 'true || line.quantity * 1.5 > 2.0', 1, 9, /int \* double/],
    ['a result that is a number', '  order.valueMinor', 1, 3, /must be true or false \(bool\), this is int/],
    ['a result of no known type', 'dyn(order.valueMinor)', 1, 1, /this is dyn/],
    [
      'a pattern that could run for ever',
      'true && line.sku.matches("(a+)+$")',
      1,
      9,
      /matches\(\) is not available/,
    ],
  ];
  test.each(conditions)('%s', (_name, when, lineNumber, column, message) => {
    expect(problemsOf(rule({ name: 'guard', when }))).toEqual([
      { rule: 'guard', line: lineNumber, column, message: expect.stringMatching(message) },
    ]);
  });

  const weights: [Partial<RoutingRule>, RegExp][] = [
    [{ effect: 'PREFER' }, /PREFER needs a weight: minor units/],
    [{ effect: 'PREFER', weight: 0 }, /not 0/],
    [{ effect: 'PREFER', weight: 1.5 }, /whole minor units/],
    [{ effect: 'PREFER', weight: Number.NaN }, /it is NaN/],
    [{ effect: 'LIMIT', weight: null }, /LIMIT needs a weight: open orders/],
    [{ effect: 'LIMIT', weight: 0 }, /from 1 to 1000000/],
    [{ effect: 'RESPOND_WITHIN' }, /needs a weight: hours/],
    [{ effect: 'RESPOND_WITHIN', weight: 1000 }, /hours from 0.25 to 720/],
    [{ effect: 'EXCLUDE', weight: 3 }, /EXCLUDE takes no weight/],
    [{ effect: 'DROP' as 'EXCLUDE' }, /There is no effect DROP/],
  ];
  test.each(weights)('%j', (given, message) => {
    expect(problemsOf(rule(given))).toEqual([
      { rule: 'rule', line: 1, column: 1, message: expect.stringMatching(message) },
    ]);
  });

  test('LIMIT cannot look at a carrier', () => {
    expect(
      problemsOf(rule({ effect: 'LIMIT', weight: 5, when: 'true && carrier.code == "SF"' })),
    ).toMatchObject([{ line: 1, column: 9 }]);
  });

  test('names: none, twice, one of the engine', () => {
    const problems = problemsOf(
      rule({ name: ' ' }),
      rule({ name: 'a' }),
      rule({ name: 'a' }),
      rule({ name: 'NO_STOCK' }),
    );
    expect(problems.map(({ message }) => message)).toEqual([
      'A rule needs a name.',
      'Two rules are called "a".',
      '"NO_STOCK" is a reason of the engine.',
    ]);
  });

  test('all rules are looked at', () => {
    const problems = problemsOf(
      rule({ name: 'a', when: 'x' }),
      rule({ name: 'b' }),
      rule({ name: 'c', when: '1' }),
    );
    expect(problems.map((problem) => problem.rule)).toEqual(['a', 'c']);
  });
});

describe('what compiles', () => {
  test.each([
    'order.placedAt < now - duration("1h")',
    'has(order.promisedBy) && order.promisedBy - now < duration("24h")',
    'order.lines.all(l, l.quantity * l.weightGrams < 30000)',
    'distanceKm(order, node) < 100.0 || sameProvince(order, node)',
    'carrier.kind == "HEAVY_CARGO" && densityKgPerM3(line) < carrier.minDensityKgPerM3',
    'chargeableGrams(line, carrier) > 2 * line.weightGrams',
    '"FROZEN" in node.capabilities.temperatureClasses',
    'has(node.dailyCapacity) && node.openOrders * 10 > node.dailyCapacity * 8',
    'order.destination.district.startsWith("Xihu") && now.getHours("Asia/Shanghai") >= 18',
  ])('%s', (when) => expect(problemsOf(rule({ when }))).toEqual([]));

  test('the starter rules', () => expect(problemsOf(...starterRules)).toEqual([]));
  test('the order of effects', () =>
    expect(orderOfEffects).toEqual(['EXCLUDE', 'REQUIRE', 'LIMIT', 'PREFER', 'RESPOND_WITHIN', 'REVIEW']));
});
