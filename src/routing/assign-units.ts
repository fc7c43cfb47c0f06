import { leastMinor, scarcityMinor } from './shipment-price.ts';
import type { Bounds, PlanProblem } from './plan-bounds.ts';
import type { Source } from './sources.ts';

/** A set of sources with the quantities that each ships, by line. */
export interface Assignment {
  sources: readonly Source[];
  quantities: readonly (readonly number[])[];
}

/** What the search knows so far. */
export interface SearchState {
  readonly problem: PlanProblem;
  readonly bounds: Bounds;
  /** Counts a step; false when there are none left. */
  step(): boolean;
  /** Whether no plan of these sources that costs at least so much can become the best. */
  isBeaten(leastMinor: number, sources: readonly Source[]): boolean;
  /** Remembers the assignment if no better one is known. */
  take(assignment: Assignment): void;
}

/**
 * Tries every way in which the sources together ship the order, line by line, and leaves out what the bounds rule out.
 * Each source must ship something of each of its temperature classes: the rest are plans of fewer or smaller sources.
 */
export function assignUnits(search: SearchState, sources: readonly Source[]): void {
  const { problem, bounds } = search;
  const { lines, totalUnits } = problem;
  const quantities = sources.map(() => lines.map(() => 0));
  /** By line: the best preference for its units, were they still to be placed. */
  const preferenceLeft = lines.map(({ quantity }, line) => quantity * bestPreference(search, sources, line));

  /** No completion of the first `placed` lines costs less. */
  function least(placed: number): number {
    let minor = (sources.length - 1) * problem.splitPenaltyMinor + bounds.scarcityFrom(sources, placed);
    let preference = 0;
    for (let line = placed; line < lines.length; line++) preference += preferenceLeft[line]!;
    sources.forEach((source, index) => {
      const shipped = quantities[index]!;
      const known = leastMinor(problem, source, shipped);
      minor += Math.max(known, bounds.shipment[source.rank]!) + scarcityMinor(source, shipped);
      for (let line = 0; line < placed; line++)
        preference += shipped[line]! * bounds.preference(source, line);
    });
    return minor - Math.floor(preference / totalUnits);
  }

  function placeLine(line: number): void {
    if (search.isBeaten(least(line), sources)) return;
    if (line < lines.length) placeUnits(line, 0, lines[line]!.quantity);
    else if (sources.every((source, index) => shipsEachClass(search, source, quantities[index]!)))
      search.take({ sources, quantities });
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
      if (!search.step()) break;
      quantities[index]![line] = units;
      placeUnits(line, index + 1, missing - units);
    }
    quantities[index]![line] = 0;
  }

  placeLine(0);
}

function bestPreference({ bounds }: SearchState, sources: readonly Source[], line: number): number {
  const able = sources.filter(({ units }) => units[line]! > 0);
  return able.length === 0 ? 0 : Math.max(...able.map((source) => bounds.preference(source, line)));
}

function shipsEachClass({ problem }: SearchState, source: Source, quantities: readonly number[]): boolean {
  const shipped = new Set<string>();
  const carried = new Set<string>();
  problem.lines.forEach(({ temperatureClass }, line) => {
    if (source.carries[line]) carried.add(temperatureClass);
    if (quantities[line]! > 0) shipped.add(temperatureClass);
  });
  return [...carried].every((name) => shipped.has(name));
}
