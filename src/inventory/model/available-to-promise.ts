import { addDays, daysBetween } from './day.ts';
import { stepsOf, suppliedBy, type Step, type Timeline } from './timeline.ts';

/**
 * Available-to-promise, as pure functions of one balance, its supplies and its dated demand (semantics.md §1).
 * Days are yyyy-mm-dd in the pool's time zone; quantities are units.
 */

/** The hot row, with what the clock alone has changed since it was last written. */
export interface BalanceFigures {
  onHand: number;
  allocated: number;
  confirmed: number;
  /** As stored; holds that have expired since are in `expired`. */
  held: number;
  /** Held units whose hold has ended by the clock, but which no write has reclaimed yet. */
  expired: number;
  unbacked: number;
  /** At most 0: what dated demand will draw from today's units before supply replaces them. */
  futureDraw: number;
  bufferFixed: number;
  /** Share of on hand, 0 to 1. */
  bufferRate: number;
}

/** A SKU that the pool has never had. */
export const noBalance: Readonly<BalanceFigures> = {
  onHand: 0,
  allocated: 0,
  confirmed: 0,
  held: 0,
  expired: 0,
  unbacked: 0,
  futureDraw: 0,
  bufferFixed: 0,
  bufferRate: 0,
};

export type TermKind =
  | 'ON_HAND'
  | 'ALLOCATED'
  | 'CONFIRMED'
  | 'HELD'
  | 'SHORTFALL'
  | 'FUTURE_DRAW'
  | 'SAFETY_BUFFER'
  | 'CHANNEL_QUOTA';

/** A signed addend of the quantity. */
export interface Term {
  kind: TermKind;
  quantity: number;
}

/** Units of the pool that no promise for today or earlier has taken. */
export function free(figures: BalanceFigures): number {
  const held = figures.held - figures.expired;
  return figures.onHand + figures.unbacked - figures.allocated - figures.confirmed - held;
}

/** ATP of today before the buffer: one row suffices, because `futureDraw` is kept in it. */
export function atpToday(figures: BalanceFigures): number {
  return free(figures) + figures.futureDraw;
}

/** Units withheld for urgent use: never more than is left. */
export function safetyBuffer(figures: BalanceFigures): number {
  return withheld(figures, atpToday(figures));
}

/** Of a day's ATP. */
function withheld(figures: BalanceFigures, atp: number): number {
  const target = Math.max(figures.bufferFixed, Math.ceil(figures.bufferRate * figures.onHand - 1e-9));
  return Math.min(Math.max(0, atp), target);
}

/** The quantity that can be promised now; never negative. */
export function promisableQuantity(figures: BalanceFigures): number {
  return Math.max(0, atpToday(figures) - safetyBuffer(figures));
}

/**
 * The signed addends of `promisableQuantity`, in a fixed order; their sum is the quantity, always. A negative ATP is
 * possible only through dated demand beyond supply: FUTURE_DRAW then draws no further than to zero.
 * @param quotaCap what a channel's quota takes off, at most 0; the sum is then that channel's quantity
 */
export function atpTerms(figures: BalanceFigures, quotaCap = 0): Term[] {
  const quantity = promisableQuantity(figures);
  const buffer = safetyBuffer(figures);
  const draw = quantity + buffer - free(figures);
  return [
    term('ON_HAND', figures.onHand),
    term('ALLOCATED', -figures.allocated),
    term('CONFIRMED', -figures.confirmed),
    term('HELD', figures.expired - figures.held),
    term('SHORTFALL', figures.unbacked),
    term('FUTURE_DRAW', draw),
    term('SAFETY_BUFFER', -buffer),
    term('CHANNEL_QUOTA', quotaCap),
  ];
}

function term(kind: TermKind, quantity: number): Term {
  return { kind, quantity: quantity === 0 ? 0 : quantity }; // no negative zero
}

/** One day of the projection; signed parts, cumulative to the day, that sum to `quantity`. */
export interface ProjectedDay {
  on: string;
  quantity: number;
  onHand: number;
  inTransit: number;
  presale: number;
  expectedReturns: number;
  demand: number;
  futureDraw: number;
  shortfall: number;
  safetyBuffer: number;
  channelQuota: number;
}

/**
 * ATP by day without buffer, from today on: `ATP[d] = min over j ≥ d of projected[j]`, with
 * `projected[j] = free + Σ supply until j − Σ dated demand until j`, of which supply first backs what is unbacked. The
 * last day looks ahead to everything after it, so that a short window does not promise what a later day needs. May be
 * negative. Today's is also bounded by `free`: a delivery due today can serve dated demand, but is not promised for
 * today before it is received (ADR 4).
 */
export function atpByDay(figures: BalanceFigures, timeline: Timeline, days: number): number[] {
  const steps = lookAhead(figures, timeline);
  return Array.from({ length: days }, (_, day) => atpOn(figures, steps, day));
}

/** The projection of `days` days; its first row is today and equals `promisableQuantity`. */
export function projection(figures: BalanceFigures, timeline: Timeline, days: number): ProjectedDay[] {
  const steps = lookAhead(figures, timeline);
  const promisedNow = figures.held - figures.expired + figures.confirmed + figures.allocated;
  return Array.from({ length: days }, (_, index) => {
    const step = stepOn(steps, index);
    const atp = atpOn(figures, steps, index);
    const buffer = withheld(figures, atp);
    const quantity = Math.max(0, atp - buffer);
    const supplied = step.inTransit + step.presale + step.expectedReturns;
    const demand = promisedNow + step.demand;
    return {
      on: addDays(timeline.today, index),
      quantity,
      onHand: figures.onHand,
      inTransit: step.inTransit,
      presale: step.presale,
      expectedReturns: step.expectedReturns,
      demand: term('CONFIRMED', -demand).quantity,
      // What a later day needs of this one: it makes the row sum to its quantity.
      futureDraw: quantity + buffer - (figures.onHand + supplied + figures.unbacked - demand),
      shortfall: figures.unbacked,
      safetyBuffer: term('SAFETY_BUFFER', -buffer).quantity,
      channelQuota: 0,
    };
  });
}

/** The quantity that can be promised for a day, today or later: the quantity of the projection's row. */
export function promisableOn(figures: BalanceFigures, timeline: Timeline, day: string): number {
  const atp = atpOn(figures, lookAhead(figures, timeline), daysBetween(timeline.today, day));
  return Math.max(0, atp - withheld(figures, atp));
}

/** The first day from `from` until `until` whose quantity is `enough`; undefined when there is none. */
export function earliestDay(
  figures: BalanceFigures,
  timeline: Timeline,
  { from, until }: { from: string; until: string },
  enough: (quantity: number) => boolean,
): string | undefined {
  const steps = lookAhead(figures, timeline);
  const first = daysBetween(timeline.today, from);
  const last = daysBetween(timeline.today, until);
  // Between two steps nothing changes, save that today's row has a bound of its own.
  const candidates = [first, 1, ...steps.map(({ day }) => day)].filter((day) => day >= first && day <= last);
  for (const day of candidates.sort((a, b) => a - b)) {
    const atp = atpOn(figures, steps, day);
    if (enough(Math.max(0, atp - withheld(figures, atp)))) return addDays(timeline.today, day);
  }
  return undefined;
}

/** A step with the least that is projected from its day on. */
interface LookAhead extends Step {
  least: number;
}

function lookAhead(figures: BalanceFigures, timeline: Timeline): LookAhead[] {
  let least = Infinity;
  const backwards = stepsOf(timeline)
    .toReversed()
    .map((step) => {
      least = Math.min(least, free(figures) + suppliedBy(step, figures.unbacked) - step.demand);
      return { ...step, least };
    });
  return backwards.toReversed();
}

function stepOn(steps: readonly LookAhead[], day: number): LookAhead {
  return steps.findLast((step) => step.day <= day)!;
}

function atpOn(figures: BalanceFigures, steps: readonly LookAhead[], day: number): number {
  const { least } = stepOn(steps, day);
  return day === 0 ? Math.min(least, free(figures)) : least;
}
