import { addDays, daysBetween } from './day.ts';
import {
  stepsOf,
  suppliedBy,
  type DatedDemand,
  type PlanningRules,
  type Step,
  type Supply,
} from './timeline.ts';

/**
 * The state of promises for later days as days pass and deliveries come late: a pure function of the present state.
 * Readers, which change nothing, and the engine, which stores it, agree because both call it.
 */

/** A promise for a later day; of several, those before it in the list go before it. */
export interface DatedPromise {
  /** Units that are not counted as today's yet. */
  units: number;
  promisedOn: string;
}

/** A balance as far as its dated promises depend on it. */
export interface SupplyState extends PlanningRules {
  today: string;
  /** Units that no promise of today has taken. */
  free: number;
  /** Promised units without goods: supply backs them first. */
  unbacked: number;
  supplies: readonly Supply[];
}

export interface Settled {
  /** Units whose day has come and for which there are goods: they are today's from now on. */
  due: number;
  /** The day of the whole promise: its own while that can be kept, else the earliest that can; null when none can. */
  promisedOn: string | null;
}

/**
 * Promises keep their day where they can, in the order given; the others get the earliest day on which their units are
 * free from then on. One that no day can serve takes nothing from those after it.
 */
export function settle<P extends DatedPromise>(plan: SupplyState, promises: readonly P[]): Map<P, Settled> {
  const days = placed(plan, promises);
  let goods = Math.max(0, plan.free);
  return new Map(
    promises.map((promise) => {
      const promisedOn = days.get(promise)!;
      if (promisedOn === null || promisedOn > plan.today) return [promise, { due: 0, promisedOn }];
      const due = Math.min(goods, promise.units);
      goods -= due;
      // What waits for a delivery of today is late if its day was another; what only was not looked at is not.
      return [promise, { due, promisedOn: due < promise.units ? plan.today : promisedOn }];
    }),
  );
}

/** The units still promised for days to come after settling. */
export function demandsOf(settled: ReadonlyMap<DatedPromise, Settled>): DatedDemand[] {
  return [...settled].map(([promise, { due, promisedOn }]) => ({
    quantity: promise.units - due,
    promisedOn: promisedOn ?? promise.promisedOn,
  }));
}

/** Whether every promise can be kept on its day. */
export function isOnTime(plan: SupplyState, promises: readonly DatedPromise[]): boolean {
  return projected(plan, promises).every(({ units }) => units >= 0);
}

interface Projected {
  day: number;
  /** The units that supply until the day leaves when the promises until then are met. */
  units: number;
}

function projected(plan: SupplyState, promises: readonly DatedPromise[]): Projected[] {
  const demands = promises.map(({ units, promisedOn }) => ({ quantity: units, promisedOn }));
  return stepsOf({ ...plan, demands }).map((step: Step) => ({
    day: step.day,
    units: plan.free + suppliedBy(step, plan.unbacked) - step.demand,
  }));
}

/** The day of each promise. */
function placed<P extends DatedPromise>(plan: SupplyState, promises: readonly P[]): Map<P, string | null> {
  if (isOnTime(plan, promises)) return new Map(promises.map((promise) => [promise, promise.promisedOn]));
  // The days on which anything changes, as if nothing was promised yet.
  const steps = projected(plan, [])
    .map(({ day }) => day)
    .concat(promises.map(({ promisedOn }) => Math.max(0, daysBetween(plan.today, promisedOn))));
  const days = [...new Set(steps)].sort((a, b) => a - b);
  const supply = projected(plan, []);
  const left = days.map((day) => supply.findLast((step) => step.day <= day)!.units);
  return new Map(promises.map((promise) => [promise, place(plan.today, days, left, promise)]));
}

/** Places the units on the first day from which they are free. */
function place(
  today: string,
  days: readonly number[],
  left: number[],
  { units, promisedOn }: DatedPromise,
): string | null {
  const own = days.indexOf(Math.max(0, daysBetween(today, promisedOn)));
  const lastShort = left.findLastIndex((some) => some < units);
  const first = Math.max(own, lastShort + 1);
  if (first === days.length) return null;
  for (let index = first; index < days.length; index++) left[index]! -= units;
  return first === own ? promisedOn : addDays(today, days[first]!);
}
