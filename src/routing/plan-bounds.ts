/**
 * What no plan can undercut. The search leaves out what these bounds rule out and is exact because of it; where it
 * stops early they are the lower bound that is reported.
 */
import type { Source } from './sources.ts';
import { leastMinor, type PriceBasis } from './shipment-price.ts';

export interface PlanProblem extends PriceBasis {
  sources: readonly Source[];
  maxShipments: number;
  splitPenaltyMinor: number;
}

export interface Bounds {
  /** By source rank: the least a shipment of it costs, without scarcity and preferences. */
  shipment: number[];
  /** By number of shipments: the least that any plan with so many costs. */
  plan(shipments: number): number;
  /** Scarcity less preferences of the whole order: the part of a plan's bound that its sources have no say in. */
  linear: number;
  /** The least scarcity of the units of the lines `from` this one on, if they come from these sources. */
  scarcityFrom(among: readonly Source[], from: number): number;
  /** Σ over rules of the preference for a unit from the source, at best, in minor units × totalUnits. */
  preference(source: Source, line: number): number;
}

export function boundsOf(problem: PlanProblem): Bounds {
  const { lines, sources } = problem;
  const shipment = sources.map((source) => leastShipment(problem, source));
  const preferences = sources.map((source) => lines.map((_, line) => bestPreference(source, line)));
  const preference = (source: Source, line: number) => preferences[source.rank]![line]!;
  const scarcityFrom = (among: readonly Source[], from: number) => {
    let sum = 0;
    for (let line = from; line < lines.length; line++) {
      let least = Infinity;
      for (const source of among)
        if (source.units[line]! > 0) least = Math.min(least, source.scarcityMinor[line]!);
      if (least < Infinity) sum += least * lines[line]!.quantity;
    }
    return sum;
  };
  const linear = scarcityFrom(sources, 0) - bestPreferences(problem, preference);
  const cheapest = shipment.toSorted((a, b) => a - b);
  const bases = sources.map(baseOf(problem)).sort((a, b) => a - b);
  const plan = (shipments: number) => {
    const sum = (values: number[]) => values.slice(0, shipments).reduce((total, value) => total + value, 0);
    const weighed = sum(bases) + weightMinor(problem, shipments);
    return linear + (shipments - 1) * problem.splitPenaltyMinor + Math.max(sum(cheapest), weighed);
  };
  return { shipment, plan, linear, scarcityFrom, preference };
}

/** A parcel holds at least one unit of some line. */
function leastShipment(problem: PlanProblem, source: Source): number {
  let least = Infinity;
  for (let line = 0; line < problem.lines.length; line++) {
    if (source.units[line] === 0) continue;
    const oneUnit = problem.lines.map((_, other) => (other === line ? 1 : 0));
    least = Math.min(least, leastMinor(problem, source, oneUnit));
  }
  return least;
}

function bestPreference(source: Source, line: number): number {
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

/** Rounding down share by share gives no more than rounding down the whole. */
function bestPreferences(problem: PlanProblem, preference: Bounds['preference']): number {
  const weights = problem.lines.map((line, index) => {
    const able = problem.sources.filter(({ units }) => units[index]! > 0);
    return able.length === 0
      ? 0
      : line.quantity * Math.max(...able.map((source) => preference(source, index)));
  });
  return Math.floor(weights.reduce((sum, weight) => sum + weight, 0) / problem.totalUnits);
}

/** Handling, base price and lateness: what a parcel of any weight costs. */
function baseOf({ latenessMinorPerHour }: PlanProblem) {
  return ({ node, offers }: Source): number =>
    node.handlingCostMinor +
    Math.min(
      ...offers.map(
        ({ carrier, lateHours }) => (carrier?.zone.baseMinor ?? 0) + lateHours * latenessMinorPerHour,
      ),
    );
}

/** What the order's weight costs at least beyond the base weights of so many parcels: the flattest rate of all. */
function weightMinor({ lines, sources }: PlanProblem, shipments: number): number {
  const carriers = sources.flatMap(({ offers }) => offers.map(({ carrier }) => carrier));
  const baseGrams = Math.max(0, ...carriers.map((carrier) => carrier?.zone.baseGrams ?? Infinity));
  const grams = lines.reduce((sum, { weightGrams, quantity }) => sum + weightGrams * quantity, 0);
  const beyond = Math.max(0, grams - shipments * baseGrams);
  if (beyond === 0) return 0;
  const rates = carriers.map((carrier) =>
    carrier ? carrier.zone.perStepMinor / carrier.service.stepGrams : 0,
  );
  // A float product may lie a hair above the true one: a bound must not.
  return Math.max(0, Math.floor(Math.min(...rates) * beyond - 1e-6));
}
