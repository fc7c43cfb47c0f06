import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  StepBudget,
  decideRoute,
  unconstrainedCostMinor,
  type RoutingInput,
  type RoutingOutcome,
} from '../../../../src/routing/index.ts';
import { canonicalJson } from '../../../../src/platform/api/idempotency.ts';
import { bruteForceMinor } from '../../../support/routing/brute-force.ts';
import { compiled } from '../../../support/routing/fixtures.ts';
import { instances, rulesOf, small, type Instance } from '../../../support/routing/random-input.ts';

// Pickup instances have every node in the destination's city or within reach: reach is not what is tested here.
const withReach = (input: RoutingInput): RoutingInput => ({
  ...input,
  policy: { ...input.policy, pickupReachKm: 100_000 },
});
const decide = ({ input, simpleRules }: Instance, budget?: StepBudget): RoutingOutcome =>
  decideRoute(withReach(input), compiled(...rulesOf(simpleRules)), budget);
const inReach = ({ input, simpleRules }: Instance): Instance => ({
  input: {
    ...input,
    order: { ...input.order, destination: { ...input.order.destination, latitude: 30, longitude: 120 } },
  },
  simpleRules,
});
const smallInstances = instances(small).map(inReach);
const larger = instances({ nodes: 6, lines: 4, quantity: 4 }).map(inReach);

describe('plans of random small orders', () => {
  test('cost what the brute-force optimum costs, and exist when it does', () => {
    let planned = 0;
    let split = 0;
    fc.assert(
      fc.property(smallInstances, (instance) => {
        const outcome = decide(instance);
        const expected = bruteForceMinor(instance.input, instance.simpleRules);
        expect(outcome.costMinor).toBe(expected === undefined ? null : expected);
        expect(outcome.method).toBe('EXACT');
        if (outcome.costMinor !== null) planned++;
        if (outcome.shipments.length > 1) split++;
      }),
      { numRuns: 1_500 },
    );
    expect(planned).toBeGreaterThan(400); // else the property would say little
    expect(split).toBeGreaterThan(90);
  });

  test('unconstrainedCost is the optimum without a bound on splits, split penalty and lateness', () => {
    fc.assert(
      fc.property(smallInstances, (instance) => {
        const outcome = decide(instance);
        const expected = bruteForceMinor(instance.input, instance.simpleRules, { unconstrained: true });
        const { input, simpleRules } = instance;
        const found = unconstrainedCostMinor(withReach(input), compiled(...rulesOf(simpleRules)));
        expect(found).toBe(expected === undefined ? null : expected);
        if (outcome.costMinor !== null) expect(found).toBeLessThanOrEqual(outcome.costMinor);
        expect(outcome.unconstrainedCostMinor).toBeNull(); // whoever reads it has it computed
      }),
      { numRuns: 500 },
    );
  });
});

describe('plans of random orders', () => {
  test('cover the order, within stock, bound and exclusions; the parts sum up to the cost', () => {
    fc.assert(
      fc.property(larger, (instance) => {
        const outcome = decide(instance);
        if (outcome.outcome === 'UNROUTABLE') return;
        expectSound(instance.input, outcome);
      }),
      { numRuns: 300 },
    );
  });

  test('of a spent budget are sound too, and the same each time', () => {
    let bounded = 0;
    fc.assert(
      fc.property(larger, fc.integer({ min: 0, max: 5_000 }), (instance, steps) => {
        const outcome = decide(instance, new StepBudget(steps));
        expect(decide(instance, new StepBudget(steps))).toEqual(outcome);
        if (outcome.method === 'BOUNDED') bounded++;
        if (outcome.outcome === 'UNROUTABLE') return;
        expectSound(instance.input, outcome);
        const best = decide(instance);
        expect(outcome.costMinor).toBeGreaterThanOrEqual(best.costMinor!);
        expect(outcome.lowerBoundMinor).toBeLessThanOrEqual(best.costMinor!);
      }),
      { numRuns: 300 },
    );
    expect(bounded).toBeGreaterThan(30);
  });

  test('the order of nodes, services, lines and stock rows does not matter', () => {
    const shuffled = larger.chain((instance) =>
      fc.record({
        instance: fc.constant(instance),
        nodes: shuffle(instance.input.nodes),
        carrierServices: shuffle(instance.input.carrierServices),
        lines: shuffle(instance.input.order.lines),
        stock: shuffle(instance.input.stock),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ instance, nodes, carrierServices, lines, stock }) => {
        const { input, simpleRules } = instance;
        const permuted = { ...input, nodes, carrierServices, stock, order: { ...input.order, lines } };
        expect(canonicalJson(decide({ input: permuted, simpleRules }))).toBe(canonicalJson(decide(instance)));
      }),
      { numRuns: 300 },
    );
  });

  test('a replay from the stored JSON is identical, over 1,000 decisions', () => {
    fc.assert(
      fc.property(larger, (instance) => {
        const stored = JSON.parse(canonicalJson(instance)) as Instance;
        expect(canonicalJson(decide(stored))).toBe(canonicalJson(decide(instance)));
      }),
      { numRuns: 1_000 },
    );
  });
});

function shuffle<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });
}

function expectSound({ order, stock, policy }: RoutingInput, outcome: RoutingOutcome): void {
  const shipped = outcome.shipments.flatMap(({ node, lines }) => lines.map((line) => ({ node, ...line })));
  const unitsOf = (rows: { quantity: number }[]) => rows.reduce((sum, { quantity }) => sum + quantity, 0);
  for (const { sku, quantity } of order.lines)
    expect(unitsOf(shipped.filter((row) => row.sku === sku))).toBe(quantity);
  for (const { node, sku, units } of stock)
    expect(unitsOf(shipped.filter((row) => row.node === node && row.sku === sku))).toBeLessThanOrEqual(units);
  expect(outcome.shipments.length).toBeLessThanOrEqual(policy.maxShipments);
  for (const { node, sku } of shipped)
    expect(
      outcome.candidates.filter(
        (candidate) => candidate.excludedBy && candidate.node === node && (candidate.sku ?? sku) === sku,
      ),
    ).toEqual([]);
  const sumOf = (terms: { value: number; weight: number }[]) =>
    terms.reduce((sum, { value, weight }) => sum + value * weight, 0);
  for (const { terms, costMinor } of outcome.shipments) expect(sumOf(terms)).toBe(costMinor);
  for (const { score, terms } of outcome.candidates) expect(sumOf(terms)).toBe(score ?? 0);
  const shipments = outcome.shipments.reduce((sum, { costMinor }) => sum + costMinor, 0);
  expect(shipments + outcome.splitPenaltyMinor).toBe(outcome.costMinor);
  expect(outcome.lowerBoundMinor).toBeLessThanOrEqual(outcome.costMinor!);
}
