import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  DECISION_STEPS,
  StepBudget,
  decideRoute,
  starterRules,
  unconstrainedCostMinor,
  type RoutingInput,
} from '../../../../src/routing/index.ts';
import { compiled, input, line, node, order, service, zone } from '../../../support/routing/fixtures.ts';
import { largeInputs, type LargeSize } from '../../../support/routing/large-input.ts';

const rules = compiled(...starterRules);

describe('a budget of steps', () => {
  test('is refused once it is spent, in a part as in the whole', () => {
    const whole = new StepBudget(10);
    const part = whole.part(6);
    expect([part.spend(4), part.spend(3), part.isSpent, whole.isSpent]).toEqual([true, false, true, false]);
    expect([whole.left, whole.part(100).left]).toEqual([6, 6]);
    expect([whole.spend(6), whole.spend(1), whole.isSpent, whole.steps]).toEqual([true, false, true, 10]);
  });
});

describe('decisions of random large orders end within the budget', () => {
  const sizes: [string, LargeSize, number][] = [
    ['50 nodes × 20 lines × 10 units', { nodes: 50, lines: 20, units: 10, services: 3, maxShipments: 3 }, 12],
    ['as many in up to ten shipments', { nodes: 50, lines: 20, units: 10, services: 3, maxShipments: 10 }, 5],
    ['100 lines', { nodes: 50, lines: 100, units: 4, services: 2, maxShipments: 3 }, 4],
    ['ten services, 22 stores', { nodes: 22, lines: 4, units: 6, services: 10, maxShipments: 3 }, 12],
  ];
  let planned = 0;
  /** @returns whether there is a plan */
  const endsWithin = (steps: number, large: RoutingInput) => {
    let isPlanned = false;
    for (const decide of [decideRoute, unconstrainedCostMinor]) {
      const budget = new StepBudget(steps);
      const answer = decide(large, rules, budget);
      expect(budget.steps).toBeLessThanOrEqual(steps);
      if (typeof answer === 'number' || answer?.outcome !== 'PLANNED') continue;
      isPlanned = true;
      expect(answer.lowerBoundMinor).toBeLessThanOrEqual(answer.costMinor!);
    }
    return isPlanned;
  };
  // Most spend the whole budget, which takes seconds: one of each size has that of a real decision, the others a tenth.
  test.each(sizes)(
    '%s',
    (_name, size, numRuns) => {
      const large = largeInputs(size);
      if (endsWithin(DECISION_STEPS, fc.sample(large, 1)[0]!)) planned++;
      fc.assert(
        fc.property(large, (one) => {
          if (endsWithin(DECISION_STEPS / 10, one)) planned++;
        }),
        { numRuns },
      );
    },
    300_000,
  );

  test('and some of them have a plan, of some sizes every third only', () =>
    expect(planned).toBeGreaterThan(0));
});

test('a decision without a single step left over has the plan that a greedy choice finds', () => {
  const outcome = decideRoute(input(), rules, new StepBudget(0));
  expect(outcome).toMatchObject({ outcome: 'PLANNED', shipments: [{ lines: [{ quantity: 1 }] }] });
});

test('stores that differ in nothing but their names are not tried in every combination', () => {
  const lines = ['A', 'B', 'C', 'D'].map((sku) => line({ sku, quantity: 6 }));
  const nodes = Array.from({ length: 40 }, (_, index) => node(`N${index + 10}`));
  const stock = nodes.flatMap(({ code }) => lines.map(({ sku }) => ({ node: code, sku, units: 2 })));
  const budget = new StepBudget(DECISION_STEPS);
  const chain = input({
    order: order({ lines }),
    nodes,
    stock,
    carrierServices: [service('C', { zones: [zone()] })],
  });
  const outcome = decideRoute(chain, rules, budget);
  expect(outcome).toMatchObject({
    method: 'EXACT',
    shipments: [{ node: 'N10' }, { node: 'N11' }, { node: 'N12' }],
  });
  expect(budget.steps).toBeLessThan(20_000);
});
