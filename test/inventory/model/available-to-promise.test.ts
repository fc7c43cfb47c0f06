import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  atpByDay,
  atpTerms,
  atpToday,
  free,
  projection,
  promisableQuantity,
  safetyBuffer,
  type BalanceFigures,
} from '../../../src/inventory/model/available-to-promise.ts';
import { addDays, dayIn } from '../../../src/inventory/model/day.ts';
import { futureDraw, type Timeline } from '../../../src/inventory/model/timeline.ts';

const TODAY = '2026-11-22';
const on = (day: number) => addDays(TODAY, day);
const figuresOf = (given: Partial<BalanceFigures>): BalanceFigures => ({
  onHand: 0,
  allocated: 0,
  confirmed: 0,
  held: 0,
  expired: 0,
  unbacked: 0,
  futureDraw: 0,
  bufferFixed: 0,
  bufferRate: 0,
  ...given,
});
const supply = (day: number, quantity: number) => ({
  kind: 'PURCHASE_ORDER' as const,
  quantity,
  availableOn: on(day),
});
const demand = (day: number, quantity: number) => ({ quantity, promisedOn: on(day) });

describe('vectors of the semantics', () => {
  test('20 on hand, demand on days 1 and 4, supply on days 3, 5 and 6', () => {
    const timeline: Timeline = {
      today: TODAY,
      demands: [demand(1, 3), demand(4, 15)],
      supplies: [supply(3, 10), supply(5, 1), supply(6, 3)],
    };
    expect(atpByDay(figuresOf({ onHand: 20 }), timeline, 8).slice(1)).toEqual([12, 12, 12, 12, 13, 16, 16]);
  });

  test('17 on hand, 15 promised for today, a supply of yesterday unreceived', () => {
    const timeline = (fenceDays: number): Timeline => ({
      today: TODAY,
      demands: [demand(0, 15)],
      supplies: [supply(-1, 10), supply(1, 1), supply(2, 3)],
      overdue: { offsetDays: 1, fenceDays },
    });
    const figures = figuresOf({ onHand: 17 });
    expect(atpByDay(figures, timeline(0), 7)).toEqual([2, 3, 6, 6, 6, 6, 6]);
    expect(atpByDay(figures, timeline(7), 7)).toEqual([2, 13, 16, 16, 16, 16, 16]);
  });

  test('nothing on hand, demand and supply in every period', () => {
    const timeline: Timeline = {
      today: TODAY,
      demands: [6, 2, 3, 6, 6, 1, 2, 2].map((quantity, period) => demand(period, quantity)),
      supplies: [6, 4, 2, 4, 8, 4, 4, 4].map((quantity, period) => supply(period, quantity)),
    };
    expect(atpByDay(figuresOf({}), timeline, 8)).toEqual([-1, -1, -1, -1, 1, 4, 6, 8]);
    expect(projection(figuresOf({}), timeline, 8).map((day) => day.quantity)).toEqual([
      0, 0, 0, 0, 1, 4, 6, 8,
    ]);
  });

  test('look-ahead keeps what later periods need', () => {
    const timeline: Timeline = {
      today: TODAY,
      demands: [12, 18, 10, 14, 44, 12, 30, 6].map((quantity, period) => demand(period, quantity)),
      supplies: [0, 50, 0, 0, 50, 0, 60, 0].map((quantity, period) => supply(period, quantity)),
    };
    expect(atpByDay(figuresOf({ onHand: 20 }), timeline, 8)).toEqual([8, 10, 10, 10, 10, 10, 34, 34]);
  });

  test('a buffer is withheld from what is left', () => {
    const figures = figuresOf({ onHand: 4, confirmed: 3, bufferFixed: 2 });
    expect(safetyBuffer(figures)).toBe(1);
    expect(promisableQuantity(figures)).toBe(0);
  });
});

test('a percentage buffer is not raised by the binary form of its rate', () => {
  expect(safetyBuffer(figuresOf({ onHand: 100, bufferRate: 0.07 }))).toBe(7);
});

test('a window shorter than the horizon still looks ahead', () => {
  const timeline: Timeline = { today: TODAY, demands: [demand(20, 9)], supplies: [] };
  expect(atpByDay(figuresOf({ onHand: 10 }), timeline, 3)).toEqual([1, 1, 1]);
});

test('a delivery due today is not promised for today before it is received (ADR 4)', () => {
  const timeline: Timeline = { today: TODAY, demands: [], supplies: [supply(0, 5)] };
  const figures = figuresOf({ onHand: 3 });
  // projected[today] = 8, while free + min(0, …) = 3: the two formulas of the semantics differ, the safe one holds.
  expect(atpByDay(figures, timeline, 2)).toEqual([3, 8]);
  expect(atpToday({ ...figures, futureDraw: futureDraw(timeline, 0) })).toBe(3);
});

test('the day is that of the time zone', () => {
  expect(dayIn('Asia/Shanghai', new Date('2026-11-22T16:00:00Z'))).toBe('2026-11-23');
  expect(dayIn('UTC', new Date('2026-11-22T16:00:00Z'))).toBe('2026-11-22');
});

const anyFigures = fc
  .record({
    allocated: fc.nat(50),
    confirmed: fc.nat(50),
    held: fc.nat(50),
    spare: fc.nat(50),
    unbacked: fc.nat(20),
    expiredShare: fc.double({ min: 0, max: 1, noNaN: true }),
    bufferFixed: fc.nat(10),
    bufferRate: fc.constantFrom(0, 0.05, 0.1, 1),
  })
  .map(({ spare, expiredShare, ...rest }) =>
    figuresOf({
      ...rest,
      expired: Math.floor(rest.held * expiredShare),
      onHand: Math.max(0, rest.allocated + rest.confirmed + rest.held + spare - rest.unbacked),
    }),
  );
const anyTimeline = fc.record({
  today: fc.constant(TODAY),
  supplies: fc.array(
    fc.record({
      kind: fc.constantFrom(
        'PURCHASE_ORDER' as const,
        'TRANSFER' as const,
        'PRESALE' as const,
        'EXPECTED_RETURN' as const,
      ),
      quantity: fc.nat(30),
      availableOn: fc.integer({ min: -10, max: 40 }).map(on),
    }),
    { maxLength: 8 },
  ),
  demands: fc.array(
    fc.record({ quantity: fc.nat(30), promisedOn: fc.integer({ min: 1, max: 40 }).map(on) }),
    { maxLength: 8 },
  ),
});

test('the stored future draw gives the same ATP of today as the whole projection', () => {
  fc.assert(
    fc.property(anyFigures, anyTimeline, (figures, timeline) => {
      const stored = { ...figures, futureDraw: futureDraw(timeline, figures.unbacked) };
      expect(atpToday(stored)).toBe(atpByDay(figures, timeline, 60)[0]);
    }),
  );
});

test('terms and projection rows sum to their quantity, and the first row is today', () => {
  fc.assert(
    fc.property(anyFigures, anyTimeline, (figures, timeline) => {
      const stored = { ...figures, futureDraw: futureDraw(timeline, figures.unbacked) };
      const quantity = promisableQuantity(stored);
      expect(atpTerms(stored).reduce((sum, term) => sum + term.quantity, 0)).toBe(quantity);
      const rows = projection(stored, timeline, 30);
      expect(rows[0]!.quantity).toBe(quantity);
      for (const { on: _on, quantity: rowQuantity, ...parts } of rows)
        expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(rowQuantity);
    }),
  );
});

test('free counts an expired hold as free', () => {
  expect(free(figuresOf({ onHand: 10, held: 4, expired: 3 }))).toBe(9);
});
