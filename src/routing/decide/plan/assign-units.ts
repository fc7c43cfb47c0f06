import { leastMinor, scarcityMinor } from '../cost/shipment-price.ts';
import { roundedUp, unitsMinor, type Bounds, type PlanProblem } from './lower-bounds.ts';
import type { ParcelCandidate } from './parcel-candidates.ts';
import type { StepBudget } from './step-budget.ts';

/** A set of sources with the quantities that each ships, by line. */
export interface UnitAssignment {
  sources: readonly ParcelCandidate[];
  quantities: readonly (readonly number[])[];
}

/** The state of the search so far. */
export interface SearchState {
  readonly problem: PlanProblem;
  readonly bounds: Bounds;
  /** Whether no plan of these sources that costs at least so much can become the best. */
  isBeaten(leastMinor: number, sources: readonly ParcelCandidate[]): boolean;
  /** Remembers the assignment if no better one is known. */
  take(assignment: UnitAssignment): void;
}

/**
 * Tries every way in which the sources together ship the order, line by line, and leaves out what the bounds rule out.
 * Each source must ship something of each of its temperature classes: the rest are plans of fewer or smaller sources.
 * Where the budget ends first, not all have been tried.
 */
export function assignUnits(
  search: SearchState,
  sources: readonly ParcelCandidate[],
  budget: StepBudget,
): void {
  const { problem, bounds } = search;
  const { lines, totalUnits } = problem;
  const quantities = sources.map(() => lines.map(() => 0));
  const penalty = (sources.length - 1) * problem.splitPenaltyMinor;
  const intercepts = sources.reduce((sum, { rank }) => sum + bounds.intercept[rank]!, penalty);
  /** [from]: linear price of the units of the lines from this one on. */
  const unitsLeft = [...lines.keys(), lines.length].map((from) =>
    unitsMinor(lines, sources, bounds.unit, from),
  );
  const left = [...lines.keys(), lines.length].map((from) => remainder(search, sources, from));
  const lookSteps = stepsOf(problem, sources);

  /** By linear prices, no completion of the first `placed` lines costs less. */
  function leastLinear(placed: number): number {
    let minor = intercepts + unitsLeft[placed]!;
    for (let index = 0; index < sources.length; index++) {
      const unit = bounds.unit[sources[index]!.rank]!;
      for (let line = 0; line < placed; line++) minor += quantities[index]![line]! * unit[line]!;
    }
    return roundedUp(minor);
  }

  /** By the parcels as they are, no completion of the first `placed` lines costs less. */
  function leastParcels(placed: number): number {
    let minor = penalty + left[placed]!.scarcity;
    let { preference } = left[placed]!;
    for (let index = 0; index < sources.length; index++) {
      const source = sources[index]!;
      const shipped = quantities[index]!;
      minor += Math.max(leastMinor(problem, source, shipped), bounds.shipment[source.rank]!);
      minor += scarcityMinor(source, shipped);
      for (let line = 0; line < placed; line++)
        preference += shipped[line]! * bounds.preference[source.rank]![line]!;
    }
    return minor - Math.floor(preference / totalUnits);
  }

  function placeLine(line: number): void {
    if (!budget.spend(lookSteps)) return;
    if (search.isBeaten(leastLinear(line), sources) || search.isBeaten(leastParcels(line), sources)) return;
    if (line < lines.length) placeUnits(line, 0, lines[line]!.quantity);
    else if (shipsSomethingFromEach(problem, { sources, quantities })) search.take({ sources, quantities });
  }

  /** Gives each source in turn as many units as it can, then fewer. */
  function placeUnits(line: number, index: number, missing: number): void {
    if (index === sources.length) return placeLine(line + 1);
    let later = 0;
    for (let other = index + 1; other < sources.length; other++) later += sources[other]!.units[line]!;
    for (
      let units = Math.min(sources[index]!.units[line]!, missing);
      units >= Math.max(0, missing - later);
      units--
    ) {
      if (!budget.spend(1)) break;
      quantities[index]![line] = units;
      placeUnits(line, index + 1, missing - units);
    }
    quantities[index]![line] = 0;
  }

  placeLine(0);
}

/** Least scarcity and best preference (× totalUnits) of the units of the lines `from` this one on. */
function remainder(
  { problem: { lines }, bounds }: SearchState,
  sources: readonly ParcelCandidate[],
  from: number,
) {
  let [scarcity, preference] = [0, 0];
  for (let line = from; line < lines.length; line++) {
    const able = sources.filter(({ units }) => units[line]! > 0);
    if (able.length === 0) continue;
    const { quantity } = lines[line]!;
    scarcity += quantity * Math.min(...able.map(({ scarcityMinor: minor }) => minor[line]!));
    preference += quantity * Math.max(...able.map(({ rank }) => bounds.preference[rank]![line]!));
  }
  return { scarcity, preference };
}

/** Whether each source ships something of each of its temperature classes. */
export function shipsSomethingFromEach(
  problem: PlanProblem,
  { sources, quantities }: UnitAssignment,
): boolean {
  return sources.every((source, index) => shipsEachClass(problem, source, quantities[index]!));
}

/** The steps of pricing a parcel from each of the sources. */
export function stepsOf({ lines }: PlanProblem, sources: readonly ParcelCandidate[]): number {
  let steps = 0;
  for (const { offers } of sources) steps += lines.length * (1 + offers.length);
  return steps;
}

function shipsEachClass(
  problem: PlanProblem,
  source: ParcelCandidate,
  quantities: readonly number[],
): boolean {
  const shipped = new Set<string>();
  const carried = new Set<string>();
  problem.lines.forEach(({ temperatureClass }, line) => {
    if (source.carries[line]) carried.add(temperatureClass);
    if (quantities[line]! > 0) shipped.add(temperatureClass);
  });
  return [...carried].every((name) => shipped.has(name));
}
