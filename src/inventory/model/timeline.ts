import { addDays, daysBetween } from './day.ts';

/**
 * Supply of a pool and the promises of it, by day (semantics.md §1). Days are yyyy-mm-dd in the pool's time zone;
 * quantities are units. Sums are kept for the days on which something changes only, so that a supply of the year 2099
 * costs no more than one of tomorrow.
 */

export type SupplyKind = 'PURCHASE_ORDER' | 'TRANSFER' | 'PRESALE' | 'EXPECTED_RETURN';

/** Units that arrive on a day. */
export interface Supply {
  kind: SupplyKind;
  quantity: number;
  availableOn: string;
}

/** Units promised for a later day, or for today, but waiting for today's delivery. */
export interface DatedDemand {
  quantity: number;
  promisedOn: string;
}

/** The rule for a supply whose day has passed without a receipt. */
export interface OverdueRule {
  /** It counts this many days after today … */
  offsetDays: number;
  /** … until this many days after its own day, then not at all. */
  fenceDays: number;
}
const defaultOverdueRule: OverdueRule = { offsetDays: 1, fenceDays: 7 };

/** How a pool looks at what is to come. */
export interface PlanningRules {
  overdue?: OverdueRule;
  /** Share of expected returns that can be sold again, 0 to 1 with four decimals; 1 when left out. */
  resaleRate?: number;
}

export interface Timeline extends PlanningRules {
  today: string;
  supplies: readonly Supply[];
  demands: readonly DatedDemand[];
}

/** Sums from today until a day, that day included. */
export interface Step {
  /** Days after today. */
  day: number;
  inTransit: number;
  presale: number;
  expectedReturns: number;
  demand: number;
}

/** The day from which a supply counts, or undefined when it no longer does. */
export function countsFrom(supply: Supply, today: string, rule: OverdueRule): string | undefined {
  if (supply.availableOn >= today) return supply.availableOn;
  if (today > addDays(supply.availableOn, rule.fenceDays)) return undefined;
  return addDays(today, rule.offsetDays);
}

/** Sums at each day on which they change, in order; the first is today's. */
export function stepsOf(timeline: Timeline): Step[] {
  const rule = timeline.overdue ?? defaultOverdueRule;
  const byDay = new Map<number, Step>();
  const on = (day: number): Step => {
    const known = byDay.get(day);
    if (known) return known;
    const step = { day, inTransit: 0, presale: 0, expectedReturns: 0, demand: 0 };
    byDay.set(day, step);
    return step;
  };
  on(0);
  for (const supply of timeline.supplies) {
    const day = countsFrom(supply, timeline.today, rule);
    if (day !== undefined) on(daysBetween(timeline.today, day))[supplyColumn[supply.kind]] += supply.quantity;
  }
  for (const { promisedOn, quantity } of timeline.demands)
    on(Math.max(0, daysBetween(timeline.today, promisedOn))).demand += quantity;
  return summed([...byDay.values()], timeline.resaleRate ?? 1);
}

/** The supply left after units without goods: it backs those promises first. */
export function suppliedBy(step: Step, unbacked: number): number {
  return Math.max(0, step.inTransit + step.presale + step.expectedReturns - unbacked);
}

/**
 * The draw of dated demand from today's units: `min(0, min over j of Σ until j (supply − dated demand))`. Stored in
 * the balance row and recomputed under its lock.
 */
export function futureDraw(timeline: Timeline, unbacked: number): number {
  return Math.min(0, ...stepsOf(timeline).map((step) => suppliedBy(step, unbacked) - step.demand));
}

/** Of returns the sum is rated, not each: day d contributes floor(rate × Σ until d) − floor(rate × Σ before d). */
function summed(steps: Step[], resaleRate: number): Step[] {
  steps.sort((a, b) => a.day - b.day);
  const sum = { inTransit: 0, presale: 0, expectedReturns: 0, demand: 0 };
  return steps.map((step) => {
    for (const column of ['inTransit', 'presale', 'expectedReturns', 'demand'] as const)
      sum[column] += step[column];
    return { day: step.day, ...sum, expectedReturns: resellable(sum.expectedReturns, resaleRate) };
  });
}

/** In ten-thousandths, so that 0.07 of 100 is 7. */
function resellable(units: number, rate: number): number {
  return Math.floor((Math.round(rate * RATE_SCALE) * units) / RATE_SCALE);
}
const RATE_SCALE = 10_000;

const supplyColumn = {
  PURCHASE_ORDER: 'inTransit',
  TRANSFER: 'inTransit',
  PRESALE: 'presale',
  EXPECTED_RETURN: 'expectedReturns',
} as const satisfies Record<SupplyKind, keyof Step>;
