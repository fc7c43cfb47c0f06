import { roundedUp, unitsMinor, type Bounds, type PlanProblem } from './lower-bounds.ts';
import { compatible, type ParcelCandidate } from './parcel-candidates.ts';

/** Past this many sets of sources the bound over all of them at once has to do. */
const MOST_SETS = 20_000;

/**
 * The least that plans of so many shipments cost which a search did not get to: by the linear prices of each set of
 * sources on its own, which is much closer than all sources at once, where scarce cheap ones are in every plan.
 */
export function unexploredLowerBound(problem: PlanProblem, bounds: Bounds, shipments: number): number {
  const overall = bounds.plan(shipments);
  if (setsOf(problem.sources.length, shipments) > MOST_SETS) return overall;
  let least = Infinity;
  for (const set of sets(problem.sources, shipments)) least = Math.min(least, boundOf(problem, bounds, set));
  return Math.max(overall, least);
}

/** Infinity where the sources cannot ship the order together. */
function boundOf(
  { lines, splitPenaltyMinor }: PlanProblem,
  bounds: Bounds,
  set: readonly ParcelCandidate[],
): number {
  const covers = lines.every(
    ({ quantity }, line) => set.reduce((sum, { units }) => sum + units[line]!, 0) >= quantity,
  );
  if (!covers) return Infinity;
  const intercepts = set.reduce((sum, { rank }) => sum + bounds.intercept[rank]!, 0);
  return roundedUp(
    (set.length - 1) * splitPenaltyMinor + intercepts + unitsMinor(lines, set, bounds.unit, 0),
  );
}

function* sets(
  sources: readonly ParcelCandidate[],
  size: number,
  chosen: readonly ParcelCandidate[] = [],
): Generator<ParcelCandidate[]> {
  if (chosen.length === size) return yield [...chosen];
  for (const [index, source] of sources.entries())
    if (chosen.every((other) => compatible(other, source)))
      yield* sets(sources.slice(index + 1), size, [...chosen, source]);
}

/** n over k. */
function setsOf(n: number, k: number): number {
  let count = 1;
  for (let taken = 0; taken < k; taken++) count = (count * (n - taken)) / (taken + 1);
  return count;
}
