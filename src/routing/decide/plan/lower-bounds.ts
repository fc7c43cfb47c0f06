/**
 * Lower bounds that no plan can undercut. The search leaves out what these bounds rule out and is exact because of it;
 * where it stops early they are the lower bound that is reported.
 *
 * Two kinds. `shipment`: a parcel holds at least one unit. Linear: a parcel of w grams costs at least
 * `intercept + rate × w`, whichever service it takes, so a plan costs at least the intercepts of its sources and for
 * each unit the cheapest `rate × grams + scarcity − preference` that stock leaves open. The linear prices are
 * fractions, costs are whole: `roundedUp` may round a bound up.
 */
import type { LineFacts } from '../facts/routing-facts.ts';
import { leastMinor, type PriceBasis } from '../cost/shipment-price.ts';
import type { ParcelCandidate } from './parcel-candidates.ts';

export interface PlanProblem extends PriceBasis {
  sources: readonly ParcelCandidate[];
  maxShipments: number;
  splitPenaltyMinor: number;
}

/** Minor units throughout; arrays are by source rank. */
export interface Bounds {
  /** The least a shipment costs, without scarcity and preferences. */
  shipment: number[];
  /** Scarcity less preferences of the whole order, at least. */
  linear: number;
  /** A shipment's linear price without its units. */
  intercept: number[];
  /** [source][line]: a unit's linear price, scarcity and preference included. */
  unit: number[][];
  /** [source][line]: the preferences for the whole order that a unit's share is of, at best. */
  preference: number[][];
  /** The least that any plan with so many shipments costs. */
  plan(shipments: number): number;
}

export function boundsOf(problem: PlanProblem): Bounds {
  const { lines, sources, totalUnits, splitPenaltyMinor } = problem;
  const grams = unitGrams(problem);
  const shipment = sources.map((source) => leastShipment(problem, source));
  const preference = sources.map((source) => lines.map((_, line) => bestPreference(source, line)));
  const rates = sources.map(leastRate);
  const intercept = sources.map((source, rank) => interceptOf(problem, source, rates[rank]!));
  const withoutFreight = sources.map((source, rank) =>
    lines.map((_, line) => source.scarcityMinor[line]! - preference[rank]![line]! / totalUnits),
  );
  const unit = withoutFreight.map((prices, rank) =>
    prices.map((price, line) => price + rates[rank]! * grams[line]!),
  );
  const linear = unitsMinor(lines, sources, withoutFreight, 0);
  const allUnits = unitsMinor(lines, sources, unit, 0);
  const [cheapest, lowest] = [shipment, intercept].map((values) => values.toSorted((a, b) => a - b));
  const plan = (shipments: number) => {
    const sum = (values: number[]) => values.slice(0, shipments).reduce((total, value) => total + value, 0);
    return (
      (shipments - 1) * splitPenaltyMinor +
      roundedUp(Math.max(linear + sum(cheapest!), allUnits + sum(lowest!)))
    );
  };
  return { shipment, linear: roundedUp(linear), intercept, unit, preference, plan };
}

/** The next whole number, unless the bound is above a whole one only by the noise of its fractions. */
export function roundedUp(bound: number): number {
  return Math.ceil(bound - 1e-6 - Math.abs(bound) * 1e-10);
}

/** The least price of the units of the lines `from` this one on: each line fills up its cheapest sources first. */
export function unitsMinor(
  lines: readonly LineFacts[],
  among: readonly ParcelCandidate[],
  unit: readonly (readonly number[])[],
  from: number,
): number {
  let sum = 0;
  for (let line = from; line < lines.length; line++) {
    const prices = among
      .filter(({ units }) => units[line]! > 0)
      .map(({ rank, units }) => ({ price: unit[rank]![line]!, units: units[line]! }))
      .sort((a, b) => a.price - b.price);
    let missing = lines[line]!.quantity;
    for (const { price, units } of prices) {
      sum += price * Math.min(units, missing);
      missing -= Math.min(units, missing);
    }
  }
  return sum;
}

/** A parcel holds at least one unit of some line. */
function leastShipment(problem: PlanProblem, source: ParcelCandidate): number {
  let least = Infinity;
  for (let line = 0; line < problem.lines.length; line++) {
    if (source.units[line] === 0) continue;
    const oneUnit = problem.lines.map((_, other) => (other === line ? 1 : 0));
    least = Math.min(least, leastMinor(problem, source, oneUnit));
  }
  return least;
}

function bestPreference(source: ParcelCandidate, line: number): number {
  let best = -Infinity;
  for (const { blockedBy, preferences } of source.offers) {
    if (blockedBy[line] !== null) continue;
    best = Math.max(
      best,
      preferences.reduce((sum, { weight, applies }) => (applies[line] ? sum + weight : sum), 0),
    );
  }
  return best === -Infinity ? 0 : best;
}

/** Minor units per gram beyond the base weight, of the flattest service. */
function leastRate({ offers }: ParcelCandidate): number {
  return Math.min(
    ...offers.map(({ carrier }) => (carrier ? carrier.zone.perStepMinor / carrier.service.stepGrams : 0)),
  );
}

function interceptOf(
  { latenessMinorPerHour }: PlanProblem,
  { node, offers }: ParcelCandidate,
  rate: number,
): number {
  const ways = offers.map(({ carrier, lateHours }) => {
    const base = carrier ? carrier.zone.baseMinor - rate * carrier.zone.baseGrams : 0;
    return base + lateHours * latenessMinorPerHour;
  });
  return node.handlingCostMinor + Math.min(...ways);
}

/** By line: grams that a unit is charged for at least: by its weight, or, where the order is bulky, by its volume. */
function unitGrams({ lines, sources }: PlanProblem): number[] {
  const divisors = sources.flatMap(({ offers }) =>
    offers.map(({ carrier }) => carrier?.service.volumetricDivisor ?? 1),
  );
  const largest = divisors.reduce((most, divisor) => Math.max(most, divisor), 1);
  const byVolume = lines.map(({ lengthMm, widthMm, heightMm }) => (lengthMm * widthMm * heightMm) / largest);
  const byWeight = lines.map(({ weightGrams }) => weightGrams);
  const total = (grams: number[]) =>
    lines.reduce((sum, { quantity }, line) => sum + quantity * grams[line]!, 0);
  return total(byVolume) > total(byWeight) ? byVolume : byWeight;
}
