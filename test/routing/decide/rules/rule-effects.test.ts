import { describe, expect, test } from '@jest/globals';
import { decideRoute, type CompiledRules, type RoutingInput } from '../../../../src/routing/index.ts';
import {
  compiled,
  input,
  line,
  node,
  order,
  rule,
  service,
  zone,
} from '../../../support/routing/fixtures.ts';

const decide = (given: Partial<RoutingInput>, rules: CompiledRules) => decideRoute(input(given), rules);
const nodesOf = ({ shipments }: { shipments: { node: string }[] }) =>
  shipments.map((shipment) => shipment.node);

describe('effects of rules', () => {
  test('EXCLUDE a node: its name is the reason, its message the explanation', () => {
    const rules = compiled(
      rule({ name: 'not from HZ', when: 'node.city == "Hangzhou"', message: 'Closed for audit.' }),
    );
    const outcome = decide({}, rules);
    expect(nodesOf(outcome)).toEqual(['SH1']);
    expect(outcome.candidates[0]).toMatchObject({ node: 'HZ1', excludedBy: 'not from HZ' });
    expect(outcome.evaluations).toEqual([
      {
        rule: 'not from HZ',
        effect: 'EXCLUDE',
        result: 'MATCHED',
        node: 'HZ1',
        sku: null,
        carrier: null,
        error: null,
      },
    ]);
    expect(decide({ nodes: [node('HZ1', { city: 'Hangzhou' })] }, rules).reasons).toEqual([
      '0 of 1 units of MUG can be shipped (HZ1: Closed for audit.).',
    ]);
  });

  test('EXCLUDE a carrier for one line: the parcel goes another way', () => {
    const rules = compiled(
      rule({ name: 'no glass by YTO', when: 'carrier.code == "YTO" && line.sku == "GLASS"' }),
    );
    const carrierServices = [service('YTO'), service('ZTO', { zones: [zone({ baseMinor: 1_000 })] })];
    const lines = [line(), line({ sku: 'GLASS' })];
    expect(decide({ carrierServices }, rules).shipments).toMatchObject([{ carrierService: 'YTO' }]);
    expect(decide({ carrierServices, order: order({ lines }) }, rules).shipments).toMatchObject([
      { carrierService: 'ZTO' },
    ]);
    expect(decide({ carrierServices: [service('YTO')], order: order({ lines }) }, rules).outcome).toBe(
      'UNROUTABLE',
    );
  });

  test('REQUIRE: what does not meet it is out', () => {
    const rules = compiled(
      rule({ name: 'same province', effect: 'REQUIRE', when: 'sameProvince(order, node)' }),
    );
    const outcome = decide({}, rules);
    expect(nodesOf(outcome)).toEqual(['HZ1']);
    expect(outcome.evaluations).toMatchObject([{ result: 'UNMET', node: 'SH1' }]);
  });

  test('EXCLUDE comes before REQUIRE and LIMIT, whatever the order of the rules', () => {
    const rules = compiled(
      rule({ name: 'c', effect: 'LIMIT', weight: 1 }),
      rule({ name: 'b', effect: 'REQUIRE', when: 'false' }),
      rule({ name: 'a', effect: 'EXCLUDE' }),
    );
    const limitUse = [{ rule: 'c', node: 'SH1', openOrders: 9 }];
    expect(decide({ nodes: [node('SH1')], limitUse }, rules).candidates).toMatchObject([{ excludedBy: 'a' }]);
  });

  test('PREFER lowers the cost by the share of the order’s units, so a split does not earn it twice', () => {
    const rules = compiled(
      rule({ name: 'Shanghai first', effect: 'PREFER', weight: 100, when: 'node.city == "Shanghai"' }),
    );
    expect(decide({}, rules)).toMatchObject({ costMinor: 800, shipments: [{ node: 'SH1' }] });
    const outcome = decide(
      {
        order: order({ lines: [line({ quantity: 3 })] }),
        stock: [
          { node: 'SH1', sku: 'MUG', units: 2 },
          { node: 'HZ1', sku: 'MUG', units: 1 },
        ],
      },
      rules,
    );
    expect(outcome.shipments[1]!.terms).toContainEqual({ name: 'Shanghai first', value: 66, weight: -1 });
  });

  test('a negative PREFER avoids', () => {
    const rules = compiled(
      rule({ name: 'rather not', effect: 'PREFER', weight: -1, when: 'node.code == "HZ1"' }),
    );
    expect(nodesOf(decide({}, rules))).toEqual(['SH1']);
  });

  test('LIMIT: n open orders that match are enough, and the shipment says that it counts', () => {
    const rules = compiled(
      rule({ name: 'ten fragile', effect: 'LIMIT', weight: 10, when: 'line.sku == "MUG"' }),
    );
    const use = (openOrders: number) =>
      decide({ limitUse: [{ rule: 'ten fragile', node: 'HZ1', openOrders }] }, rules);
    expect(use(9).shipments).toMatchObject([{ node: 'HZ1', countsTowards: ['ten fragile'] }]);
    expect(nodesOf(use(10))).toEqual(['SH1']);
    expect(use(10).candidates[0]).toMatchObject({ node: 'HZ1', excludedBy: 'ten fragile' });
  });

  test('RESPOND_WITHIN: the shortest that holds', () => {
    const rules = compiled(
      rule({ name: 'a day', effect: 'RESPOND_WITHIN', weight: 24 }),
      rule({ name: 'half an hour', effect: 'RESPOND_WITHIN', weight: 0.5, when: 'node.code == "HZ1"' }),
      rule({ name: 'other', effect: 'RESPOND_WITHIN', weight: 0.25, when: 'node.code == "SH1"' }),
    );
    expect(decide({}, rules).shipments[0]!.respondBy).toBe('2026-11-23T02:30:00.000Z');
  });

  test('REVIEW: the plan is there, with the reasons', () => {
    const rules = compiled(
      rule({ name: 'by YTO', effect: 'REVIEW', when: 'carrier.code == "YTO"' }),
      rule({ name: 'value', effect: 'REVIEW', when: 'order.valueMinor > 5000', message: 'Above 50.' }),
      rule({ name: 'elsewhere', effect: 'REVIEW', when: 'node.code == "SH1"' }),
    );
    const outcome = decide({}, rules);
    expect(outcome).toMatchObject({ outcome: 'NEEDS_REVIEW', reasons: ['by YTO', 'Above 50.'] });
    expect(nodesOf(outcome)).toEqual(['HZ1']);
  });
});

describe('a condition that cannot be evaluated', () => {
  const failing = 'order.promisedBy < now'; // there is no promise
  test.each([
    ['EXCLUDE', 'UNROUTABLE', undefined],
    ['REQUIRE', 'UNROUTABLE', undefined],
    ['LIMIT', 'PLANNED', 1],
    ['PREFER', 'PLANNED', 100],
    ['RESPOND_WITHIN', 'PLANNED', 4],
    ['REVIEW', 'PLANNED', undefined],
  ] as const)('%s: %s, and the trace says why', (effect, expected, weight) => {
    const rules = compiled(rule({ name: 'broken', when: failing, effect, ...(weight ? { weight } : {}) }));
    const limitUse = [{ rule: 'broken', node: 'HZ1', openOrders: 50 }];
    const outcome = decide({ limitUse }, rules);
    expect(outcome.outcome).toBe(expected);
    expect(outcome.evaluations).toContainEqual(
      expect.objectContaining({ rule: 'broken', result: 'FAILED', error: 'No such key: promisedBy' }),
    );
  });

  test('a helper function without what it needs', () => {
    const rules = compiled(
      rule({ name: 'near', effect: 'PREFER', weight: 5, when: 'distanceKm(order, node) < 50.0' }),
    );
    const outcome = decide(
      { order: order({ destination: { province: 'Zhejiang', city: 'Hangzhou' } }) },
      rules,
    );
    expect(outcome).toMatchObject({ outcome: 'PLANNED' });
    expect(outcome.evaluations).toMatchObject([
      { node: 'HZ1', error: 'The destination has no coordinates' },
      { node: 'SH1', error: 'The destination has no coordinates' },
    ]);
  });
});
