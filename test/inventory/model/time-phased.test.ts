import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  earliestDay,
  noBalance,
  projection,
  promisableOn,
  promisableQuantity,
} from '../../../src/inventory/model/available-to-promise.ts';
import { addDays } from '../../../src/inventory/model/day.ts';
import { settle, type SupplyState } from '../../../src/inventory/model/settle-dated-promises.ts';
import { futureDraw, stepsOf, type Supply, type Timeline } from '../../../src/inventory/model/timeline.ts';
import { canPromise, HORIZON, mostFor, playDays, type World } from '../../support/inventory/day-by-day.ts';

const TODAY = '2026-11-22';
const on = (day: number) => addDays(TODAY, day);

const anyWorld: fc.Arbitrary<World> = fc.record({
  shelf: fc.nat(20),
  owed: fc.oneof(fc.constant(0), fc.nat(6)),
  arrivals: fc.array(
    fc.record({ day: fc.integer({ min: -9, max: 12 }), units: fc.nat(9), returned: fc.boolean() }),
    { maxLength: 6 },
  ),
  promises: fc.array(
    fc.record({ day: fc.integer({ min: -2, max: 14 }), units: fc.integer({ min: 1, max: 8 }) }),
    {
      maxLength: 6,
    },
  ),
  overdue: fc.record({ offset: fc.integer({ min: 0, max: 3 }), fence: fc.integer({ min: 0, max: 8 }) }),
  resaleHundredths: fc.constantFrom(0, 7, 33, 50, 70, 100),
});

const kinds = ['PURCHASE_ORDER', 'TRANSFER', 'PRESALE'] as const;
function timelineOf(world: World): Timeline {
  const supplies: Supply[] = world.arrivals.map(({ day, units, returned }, index) => ({
    kind: returned ? 'EXPECTED_RETURN' : kinds[index % 3]!,
    quantity: units,
    availableOn: on(day),
  }));
  return {
    today: TODAY,
    supplies,
    demands: world.promises.map(({ day, units }) => ({ promisedOn: on(day), quantity: units })),
    overdue: { offsetDays: world.overdue.offset, fenceDays: world.overdue.fence },
    resaleRate: world.resaleHundredths / 100,
  };
}
function figuresOf(world: World) {
  const onHand = Math.max(0, world.shelf - world.owed);
  const confirmed = onHand + world.owed - world.shelf;
  return { ...noBalance, onHand, confirmed, unbacked: world.owed };
}

describe('against an oracle that plays the days', () => {
  test('what can be promised for a day is the most with which no day ends short', () => {
    fc.assert(
      fc.property(anyWorld, fc.integer({ min: 0, max: 20 }), (world, day) => {
        const timeline = timelineOf(world);
        const figures = figuresOf(world);
        const stored = { ...figures, futureDraw: futureDraw(timeline, world.owed) };
        expect(promisableOn(figures, timeline, on(day))).toBe(mostFor(world, day));
        expect(promisableQuantity(stored)).toBe(mostFor(world, 0));
        expect(projection(stored, timeline, 21)[day]!.quantity).toBe(mostFor(world, day));
      }),
      { numRuns: 500 },
    );
  });

  test('the earliest day is the first in the window on which it can', () => {
    fc.assert(
      fc.property(
        anyWorld,
        fc.integer({ min: 0, max: 14 }),
        fc.integer({ min: 0, max: 14 }),
        fc.integer({ min: 1, max: 12 }),
        (world, from, length, units) => {
          let expected: string | undefined;
          for (let day = from; day <= from + length && expected === undefined; day++)
            if (canPromise(world, day, units)) expected = on(day);
          const window = { from: on(from), until: on(from + length) };
          const enough = (quantity: number) => quantity >= units;
          expect(earliestDay(figuresOf(world), timelineOf(world), window, enough)).toBe(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('promises are kept in their order; each that cannot gets the first day on which it can', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { demands, ...rest } = timelineOf(world);
        const plan: SupplyState = { ...rest, free: world.shelf, unbacked: world.owed };
        const promises = demands.map(({ promisedOn, quantity }) => ({ promisedOn, units: quantity }));
        const settled = [...settle(plan, promises).values()];

        const kept: World['promises'] = [];
        const days = world.promises.map(({ day: own, units }) => {
          for (let day = Math.max(0, own); day <= HORIZON; day++) {
            const ends = playDays({ ...world, promises: [...kept, { day, units }] });
            if (!ends.every((left, index) => index < day || left >= 0)) continue;
            kept.push({ day, units });
            return day;
          }
          return null;
        });
        let goods = world.shelf;
        settled.forEach(({ due, promisedOn }, index) => {
          const { day: own, units } = world.promises[index]!;
          const day = days[index]!;
          if (day === null) return expect({ due, promisedOn }).toEqual({ due: 0, promisedOn: null });
          const taken = day === 0 ? Math.min(goods, units) : 0;
          goods -= taken;
          expect(due).toBe(taken);
          // A past day stays on record where the goods are there: only the writing down was late.
          const label = own < 0 && day === 0 && taken === units ? own : day;
          expect(promisedOn).toBe(on(label));
        });
      }),
      { numRuns: 500 },
    );
  });

  test('settling again changes nothing', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { demands, ...rest } = timelineOf(world);
        const plan: SupplyState = { ...rest, free: world.shelf, unbacked: world.owed };
        const once = [
          ...settle(
            plan,
            demands.map(({ promisedOn, quantity }) => ({ promisedOn, units: quantity })),
          ),
        ];
        const taken = once.reduce((sum, [, { due }]) => sum + due, 0);
        const left = once
          .map(([promise, { due, promisedOn }]) => ({
            units: promise.units - due,
            promisedOn: promisedOn ?? promise.promisedOn,
            none: promisedOn === null,
          }))
          .filter(({ units }) => units > 0);
        for (const [promise, { due, promisedOn }] of settle({ ...plan, free: world.shelf - taken }, left))
          expect({ due, promisedOn }).toEqual({
            due: 0,
            promisedOn: promise.none ? null : promise.promisedOn,
          });
      }),
      { numRuns: 500 },
    );
  });
});

test('of returns the sum is rated: day d brings floor(rate × Σ until d) − floor(rate × Σ before d)', () => {
  const back = (day: number, quantity: number): Supply => ({
    kind: 'EXPECTED_RETURN',
    quantity,
    availableOn: on(day),
  });
  const steps = stepsOf({
    today: TODAY,
    supplies: [back(1, 1), back(2, 1), back(3, 1), back(4, 1)],
    demands: [],
    resaleRate: 0.7,
  });
  // 0.7, 1.4, 2.1, 2.8: rated one by one, four returns of one unit would bring nothing.
  expect(steps.map(({ expectedReturns }) => expectedReturns)).toEqual([0, 0, 1, 2, 2]);
});

test('a supply of the year 9999 is a day like others', () => {
  const far: Supply = { kind: 'PURCHASE_ORDER', quantity: 3, availableOn: '9999-12-31' };
  const timeline = { today: TODAY, supplies: [far], demands: [{ promisedOn: '9999-12-30', quantity: 1 }] };
  expect(projection({ ...noBalance, onHand: 5 }, timeline, 2).map(({ quantity }) => quantity)).toEqual([
    4, 4,
  ]);
});
