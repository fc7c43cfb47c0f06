import type { UnitAssignment } from './assign-units.ts';
import type { Bounds, PlanProblem } from './lower-bounds.ts';
import { compatible, type ParcelCandidate } from './parcel-candidates.ts';

/** How a greedy plan chooses its next source: the smallest rating is taken. */
type Rating = (source: ParcelCandidate, covers: number) => number;

/**
 * First plans, which let the search leave out much from the start and are there to fall back on when it is cut short:
 * again and again the source that covers most of what is missing, that covers most of the line with the fewest
 * holders, or that costs least for each unit it covers.
 */
export function greedyPlans(problem: PlanProblem, bounds: Bounds): UnitAssignment[] {
  const byCover: Rating = (_, covers) => -covers;
  const byPrice: Rating = ({ rank }, covers) => (bounds.shipment[rank]! + problem.splitPenaltyMinor) / covers;
  return [
    greedyPlan(problem, bounds, byCover, false),
    greedyPlan(problem, bounds, byCover, true),
    greedyPlan(problem, bounds, byPrice, false),
    greedyPlan(problem, bounds, byPrice, true),
  ].flatMap((plan) => (plan ? [plan, assignByPrice(problem, bounds, plan.sources)] : []));
}

/** @param rarestFirst only holders of the missing line that the fewest sources have are chosen from */
function greedyPlan(
  { lines, sources, maxShipments }: PlanProblem,
  bounds: Bounds,
  rate: Rating,
  rarestFirst: boolean,
): UnitAssignment | undefined {
  const missing = lines.map(({ quantity }) => quantity);
  const holders = lines.map((_, line) => sources.filter(({ units }) => units[line]! > 0));
  const rarest = [...lines.keys()].sort((a, b) => holders[a]!.length - holders[b]!.length || a - b);
  const chosen = new Map<ParcelCandidate, number[]>();
  for (let line = next(); line !== undefined; line = next()) {
    let best: { source: ParcelCandidate; rating: number } | undefined;
    for (const source of rarestFirst ? holders[line]! : sources) {
      if (chosen.has(source) || ![...chosen.keys()].every((other) => compatible(other, source))) continue;
      const covers = source.units.reduce((sum, units, at) => sum + Math.min(units, missing[at]!), 0);
      if (covers === 0) continue;
      const rating = rate(source, covers);
      if (!best || rating < best.rating || (rating === best.rating && isCheaper(source, best.source)))
        best = { source, rating };
    }
    if (!best || chosen.size === maxShipments) return undefined;
    const taken = best.source.units.map((units, at) => Math.min(units, missing[at]!));
    taken.forEach((units, at) => (missing[at]! -= units));
    chosen.set(best.source, taken);
  }
  const inRank = [...chosen.keys()].sort((a, b) => a.rank - b.rank);
  return { sources: inRank, quantities: inRank.map((source) => chosen.get(source)!) };

  function next(): number | undefined {
    return rarest.find((line) => missing[line]! > 0);
  }
  function isCheaper(a: ParcelCandidate, b: ParcelCandidate): boolean {
    return bounds.shipment[a.rank]! < bounds.shipment[b.rank]!;
  }
}

/** The units of the order at those of the sources that ship them at the least linear price. */
export function assignByPrice(
  { lines }: PlanProblem,
  { unit }: Bounds,
  sources: readonly ParcelCandidate[],
): UnitAssignment {
  const quantities = sources.map(() => lines.map(() => 0));
  lines.forEach(({ quantity }, line) => {
    const price = (index: number) => unit[sources[index]!.rank]![line]!;
    let missing = quantity;
    for (const index of [...sources.keys()].sort((a, b) => price(a) - price(b) || a - b)) {
      const units = Math.min(sources[index]!.units[line]!, missing);
      quantities[index]![line] = units;
      missing -= units;
    }
  });
  return { sources, quantities };
}
