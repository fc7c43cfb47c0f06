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

export type SupplyKind = 'PURCHASE_ORDER' | 'TRANSFER' | 'PRESALE' | 'EXPECTED_RETURN';

/** Units that arrive on a day. */
export interface Supply {
  kind: SupplyKind;
  quantity: number;
  availableOn: string;
}

/** Units promised for a later day. */
export interface DatedDemand {
  quantity: number;
  promisedOn: string;
}

/** What becomes of a supply whose day has passed without a receipt. */
export interface OverdueRule {
  /** It counts this many days after today … */
  offsetDays: number;
  /** … until this many days after its own day, then not at all. */
  fenceDays: number;
}
export const defaultOverdueRule: OverdueRule = { offsetDays: 1, fenceDays: 7 };

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
  const target = Math.max(figures.bufferFixed, Math.ceil(figures.bufferRate * figures.onHand - 1e-9));
  return Math.min(Math.max(0, atpToday(figures)), target);
}

/** What can be promised now; never negative. */
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

/** The day from which a supply counts, or undefined when it no longer does. */
export function countsFrom(supply: Supply, today: string, rule: OverdueRule): string | undefined {
  if (supply.availableOn >= today) return supply.availableOn;
  if (today > addDays(supply.availableOn, rule.fenceDays)) return undefined;
  return addDays(today, rule.offsetDays);
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

export interface Timeline {
  today: string;
  supplies: readonly Supply[];
  demands: readonly DatedDemand[];
  overdue?: OverdueRule;
}

/**
 * ATP by day without buffer, from today on: `ATP[d] = min over j ≥ d of projected[j]`, with
 * `projected[j] = free + Σ supply until j − Σ dated demand until j`. The last day looks ahead to everything after it,
 * so that a short window does not promise what a later day needs. May be negative. Today's row is also bounded by
 * `free`: a delivery due today can serve dated demand, but is not promised for today before it is received (ADR 4).
 */
export function atpByDay(figures: BalanceFigures, timeline: Timeline, days: number): number[] {
  const horizon = Math.max(days, daysUntilLast(timeline) + 1);
  const projected = cumulative(timeline, horizon).map(
    (day) => free(figures) + day.inTransit + day.presale + day.expectedReturns - day.demand,
  );
  let least = Infinity;
  const byDay = projected.toReversed().map((value) => (least = Math.min(least, value)));
  const [today, ...later] = byDay.toReversed().slice(0, days);
  return today === undefined ? [] : [Math.min(today, free(figures)), ...later];
}

/**
 * What dated demand draws from today's units: `min(0, min over j of Σ until j (supply − dated demand))`.
 * Stored in the balance row and recomputed under its lock.
 */
export function futureDraw(timeline: Timeline): number {
  const days = cumulative(timeline, daysUntilLast(timeline) + 1);
  return Math.min(0, ...days.map((day) => day.inTransit + day.presale + day.expectedReturns - day.demand));
}

/** The projection of `days` days; its first row is today and equals `promisableQuantity`. */
export function projection(figures: BalanceFigures, timeline: Timeline, days: number): ProjectedDay[] {
  const atp = atpByDay(figures, timeline, days);
  const promisedNow = figures.held - figures.expired + figures.confirmed + figures.allocated;
  return cumulative(timeline, days).map((day, index) => {
    const target = Math.max(figures.bufferFixed, Math.ceil(figures.bufferRate * figures.onHand - 1e-9));
    const buffer = Math.min(Math.max(0, atp[index]!), target);
    const quantity = Math.max(0, atp[index]! - buffer);
    const supplied = day.inTransit + day.presale + day.expectedReturns;
    const demand = promisedNow + day.demand;
    return {
      on: addDays(timeline.today, index),
      quantity,
      onHand: figures.onHand,
      inTransit: day.inTransit,
      presale: day.presale,
      expectedReturns: day.expectedReturns,
      demand: term('CONFIRMED', -demand).quantity,
      // What a later day needs of this one: it makes the row sum to its quantity.
      futureDraw: quantity + buffer - (figures.onHand + supplied + figures.unbacked - demand),
      shortfall: figures.unbacked,
      safetyBuffer: term('SAFETY_BUFFER', -buffer).quantity,
      channelQuota: 0,
    };
  });
}

/** The first day with at least `quantity` promisable, within `days`; undefined when there is none. */
export function earliestDay(
  figures: BalanceFigures,
  timeline: Timeline,
  quantity: number,
  days: number,
): string | undefined {
  return projection(figures, timeline, days).find((day) => day.quantity >= quantity)?.on;
}

interface Cumulative {
  inTransit: number;
  presale: number;
  expectedReturns: number;
  demand: number;
}

/** Sums until each day from today on. */
function cumulative(timeline: Timeline, days: number): Cumulative[] {
  const rule = timeline.overdue ?? defaultOverdueRule;
  const rows: Cumulative[] = Array.from({ length: days }, () => ({
    inTransit: 0,
    presale: 0,
    expectedReturns: 0,
    demand: 0,
  }));
  for (const supply of timeline.supplies) {
    const day = countsFrom(supply, timeline.today, rule);
    const row = day === undefined ? undefined : rows[daysBetween(timeline.today, day)];
    if (row) row[supplyColumn[supply.kind]] += supply.quantity;
  }
  for (const demand of timeline.demands) {
    const row = rows[Math.max(0, daysBetween(timeline.today, demand.promisedOn))];
    if (row) row.demand += demand.quantity;
  }
  for (let day = 1; day < days; day++)
    for (const column of ['inTransit', 'presale', 'expectedReturns', 'demand'] as const)
      rows[day]![column] += rows[day - 1]![column];
  return rows;
}

const supplyColumn = {
  PURCHASE_ORDER: 'inTransit',
  TRANSFER: 'inTransit',
  PRESALE: 'presale',
  EXPECTED_RETURN: 'expectedReturns',
} as const satisfies Record<SupplyKind, keyof Cumulative>;

/** Days from today to the last supply or demand that counts. */
function daysUntilLast(timeline: Timeline): number {
  const rule = timeline.overdue ?? defaultOverdueRule;
  const days = [
    ...timeline.supplies.map((supply) => countsFrom(supply, timeline.today, rule) ?? timeline.today),
    ...timeline.demands.map((demand) => demand.promisedOn),
  ];
  return Math.max(0, ...days.map((day) => daysBetween(timeline.today, day)));
}

const DAY_MS = 86_400_000;

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

/** The calendar day of an instant in a time zone. */
export function dayIn(timeZone: string, instant: Date): string {
  const parts = Object.fromEntries(
    formatterOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.year}-${parts.month}-${parts.day}`;
}

/** Making a formatter takes 85 µs, formatting one; there are few zones. */
const formatters = new Map<string, Intl.DateTimeFormat>();
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formatters.set(timeZone, made);
  return made;
}
