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
import { leastUnitMinor, type PriceBasis } from '../cost/shipment-price.ts';
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
  /** [source][line]: the same without its freight. */
  withoutFreight: number[][];
  /** [source][line]: the preferences for the whole order that a unit's share is of, at best. */
  preference: number[][];
  /** The least that any plan with so many shipments costs. */
  plan(shipments: number): number;
  /** The least that a plan of these sources costs, which together have what the order needs. */
  set(sources: readonly ParcelCandidate[]): number;
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
  const [cheapest, lowest] = [shipment, intercept].map((values) =>
    sumsOf(values.toSorted((a, b) => a - b)),
  ) as [number[], number[]];
  const plan = (shipments: number) =>
    (shipments - 1) * splitPenaltyMinor +
    roundedUp(Math.max(linear + cheapest[shipments]!, allUnits + lowest[shipments]!));
  const set = (among: readonly ParcelCandidate[]) => {
    let [shipments, intercepts] = [0, 0];
    for (const { rank } of among) {
      shipments += shipment[rank]!;
      intercepts += intercept[rank]!;
    }
    const byShipment = shipments + unitsMinor(lines, among, withoutFreight, 0);
    const byUnit = intercepts + unitsMinor(lines, among, unit, 0);
    return (among.length - 1) * splitPenaltyMinor + roundedUp(Math.max(byShipment, byUnit));
  };
  return { shipment, linear: roundedUp(linear), intercept, unit, withoutFreight, preference, plan, set };
}

/** [n]: the sum of the first n. */
export function sumsOf(values: readonly number[]): number[] {
  const sums = [0];
  for (const value of values) sums.push(sums.at(-1)! + value);
  return sums;
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
  for (let line = from; line < lines.length; line++)
    sum += lineMinor(lines[line]!.quantity, line, among, unit);
  return sum;
}

/** Above so many sources, sorting them is quicker than looking for the next cheapest one again and again. */
const FEW_SOURCES = 8;

function lineMinor(
  quantity: number,
  line: number,
  among: readonly ParcelCandidate[],
  unit: readonly (readonly number[])[],
): number {
  const price = ({ rank }: ParcelCandidate) => unit[rank]![line]!;
  let missing = quantity;
  let sum = 0;
  if (among.length > FEW_SOURCES) {
    for (const source of among.filter(({ units }) => units[line]! > 0).sort((a, b) => price(a) - price(b))) {
      const units = Math.min(source.units[line]!, missing);
      sum += price(source) * units;
      missing -= units;
      if (missing === 0) break;
    }
    return sum;
  }
  for (let filled = 0; missing > 0;) {
    let next = -1;
    for (let index = 0; index < among.length; index++)
      if (
        (filled & (1 << index)) === 0 &&
        among[index]!.units[line]! > 0 &&
        (next < 0 || price(among[index]!) < price(among[next]!))
      )
        next = index;
    if (next < 0) break;
    filled |= 1 << next;
    const units = Math.min(among[next]!.units[line]!, missing);
    sum += price(among[next]!) * units;
    missing -= units;
  }
  return sum;
}

/** A parcel holds at least one unit of some line. */
function leastShipment(problem: PlanProblem, source: ParcelCandidate): number {
  let least = Infinity;
  for (let line = 0; line < problem.lines.length; line++)
    if (source.units[line]! > 0) least = Math.min(least, leastUnitMinor(problem, source, line));
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
  let largest = 1;
  for (const { offers } of sources)
    for (const { carrier } of offers) largest = Math.max(largest, carrier?.service.volumetricDivisor ?? 1);
  const byVolume = lines.map(({ lengthMm, widthMm, heightMm }) => (lengthMm * widthMm * heightMm) / largest);
  const byWeight = lines.map(({ weightGrams }) => weightGrams);
  const total = (grams: number[]) =>
    lines.reduce((sum, { quantity }, line) => sum + quantity * grams[line]!, 0);
  return total(byVolume) > total(byWeight) ? byVolume : byWeight;
}
