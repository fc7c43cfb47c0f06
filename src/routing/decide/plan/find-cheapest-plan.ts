/**
 * The cheapest assignment of an order's units to nodes: Σ over shipments (freight + handling + lateness + scarcity −
 * preferences) + split penalty, with at most `maxShipments` shipments. Freight depends on a parcel's whole weight, so
 * units cannot be placed one by one: branch and bound over sets of sources, smallest first, then over the quantities.
 *
 * Exact while the search ends within SEARCH_LIMIT steps, which orders of some lines do over dozens of nodes; else the
 * best plan found is BOUNDED and states the lower bound that is known. Steps, not milliseconds: the same input gives
 * the same plan on every machine. Plans of equal cost: fewer shipments, then the earlier nodes by code, then more
 * units of the first SKU at the first node, and so on.
 */
import { assignUnits, type UnitAssignment, type SearchState } from './assign-units.ts';
import { unexploredLowerBound } from './unexplored-lower-bound.ts';
import { boundsOf, type Bounds, type PlanProblem } from './lower-bounds.ts';
import { priceShipment, shipmentMinor, type PricedShipment } from '../cost/shipment-price.ts';
import { compatible, type ParcelCandidate } from './parcel-candidates.ts';

/** Up to half a second on one core; 1 to 40 ms for an order of three lines over 3 to 200 nodes. */
const SEARCH_LIMIT = 100_000;

export const PlanMethod = {
  EXACT: 'EXACT',
  BOUNDED: 'BOUNDED',
} as const;
export type PlanMethod = keyof typeof PlanMethod;

export interface PlannedParcel extends PricedShipment {
  source: ParcelCandidate;
  /** By line. */
  quantities: number[];
}

export interface RoutingPlan {
  method: PlanMethod;
  parcels: PlannedParcel[];
  costMinor: number;
  /** No plan costs less; equal to the cost where the method is EXACT. */
  lowerBoundMinor: number;
}

export interface PlanSearch {
  plan: RoutingPlan | undefined;
  /** False: the limit ended the search. */
  complete: boolean;
}

export function cheapestPlan(problem: PlanProblem, limit = SEARCH_LIMIT, seed?: UnitAssignment): PlanSearch {
  if (problem.sources.length === 0) return { plan: undefined, complete: true };
  const bounds = boundsOf(problem);
  const search = new Search(problem, bounds, limit);
  for (const assignment of [seed, greedyCover(problem, bounds)])
    if (assignment) search.take(assignment, true);
  const most = Math.min(problem.maxShipments, problem.sources.length, problem.totalUnits);
  let size = 1;
  while (size <= most && search.tryPlansOf(size)) size++;
  const complete = size > most;
  const { best } = search;
  if (!best) return { plan: undefined, complete };
  let lowerBoundMinor = best.costMinor;
  for (let open = size; open <= most; open++)
    lowerBoundMinor = Math.min(lowerBoundMinor, unexploredLowerBound(problem, bounds, open));
  return { plan: planOf(problem, best, lowerBoundMinor), complete };
}

/** Cost of an assignment; Infinity where some parcel has no service. */
function assignmentMinor(problem: PlanProblem, { sources, quantities }: UnitAssignment): number {
  return sources.reduce(
    (sum, source, index) => sum + shipmentMinor(problem, source, quantities[index]!),
    (sources.length - 1) * problem.splitPenaltyMinor,
  );
}

interface Best extends UnitAssignment {
  costMinor: number;
  /** Not found by the search in its order: loses against a plan of equal cost. */
  seeded: boolean;
}

/** The state of one search: the best plan so far and the steps taken. */
class Search implements SearchState {
  best: Best | undefined;
  private steps = 0;
  private readonly order: readonly ParcelCandidate[];
  private readonly mostUnitsFrom: readonly number[][];
  readonly problem: PlanProblem;
  readonly bounds: Bounds;
  private readonly limit: number;

  constructor(problem: PlanProblem, bounds: Bounds, limit: number) {
    this.problem = problem;
    this.bounds = bounds;
    this.limit = limit;
    this.order = problem.sources.toSorted(
      (a, b) => bounds.shipment[a.rank]! - bounds.shipment[b.rank]! || a.rank - b.rank,
    );
    this.mostUnitsFrom = suffixMaxima(this.order, problem.lines.length);
  }

  step(): boolean {
    return ++this.steps <= this.limit;
  }

  take(assignment: UnitAssignment, seeded = false): void {
    const costMinor = assignmentMinor(this.problem, assignment);
    if (costMinor === Infinity || this.isBeaten(costMinor, assignment.sources)) return;
    const quantities = assignment.quantities.map((row) => [...row]);
    this.best = { sources: [...assignment.sources], quantities, costMinor, seeded };
  }

  isBeaten(leastMinor: number, sources: readonly ParcelCandidate[]): boolean {
    if (!this.best || leastMinor < this.best.costMinor) return false;
    if (leastMinor > this.best.costMinor) return true;
    return !this.best.seeded && compareSources(sources, this.best.sources) >= 0;
  }

  /** Searches all plans of so many shipments; false when the limit ended it. */
  tryPlansOf(size: number): boolean {
    if (this.cannotWin(this.bounds.plan(size), size)) return true;
    this.choose(size, [], 0, 0);
    return this.steps <= this.limit;
  }

  private cannotWin(leastMinor: number, size: number): boolean {
    if (!this.best) return false;
    if (leastMinor !== this.best.costMinor) return leastMinor > this.best.costMinor;
    return !this.best.seeded && size > this.best.sources.length;
  }

  /** Adds sources, cheapest first, as long as their sum can win and they can still cover the order. */
  private choose(size: number, chosen: readonly ParcelCandidate[], chosenMinor: number, from: number): void {
    const missing = size - chosen.length;
    if (missing === 0)
      return assignUnits(
        this,
        chosen.toSorted((a, b) => a.rank - b.rank),
      );
    const fixed = this.bounds.linear + (size - 1) * this.problem.splitPenaltyMinor + chosenMinor;
    for (let index = from; index <= this.order.length - missing; index++) {
      if (!this.step()) return;
      const source = this.order[index]!;
      const least = this.bounds.shipment[source.rank]!;
      if (this.cannotWin(fixed + missing * least, size)) return; // those after it cost no less
      const next = [...chosen, source];
      if (
        !chosen.every((other) => compatible(other, source)) ||
        !this.coverable(next, missing - 1, index + 1)
      )
        continue;
      this.choose(size, next, chosenMinor + least, index + 1);
    }
  }

  private coverable(chosen: readonly ParcelCandidate[], missing: number, from: number): boolean {
    return this.problem.lines.every(({ quantity }, line) => {
      const most = missing === 0 ? 0 : missing * (this.mostUnitsFrom[from]?.[line] ?? 0);
      return chosen.reduce((sum, { units }) => sum + units[line]!, most) >= quantity;
    });
  }
}

/** By size, then by the sources' own order. */
function compareSources(a: readonly ParcelCandidate[], b: readonly ParcelCandidate[]): number {
  if (a.length !== b.length) return a.length - b.length;
  const index = a.findIndex((source, at) => source.rank !== b[at]!.rank);
  return index < 0 ? 0 : a[index]!.rank - b[index]!.rank;
}

/** [i][line]: the most units of the line at one source from place i on. */
function suffixMaxima(order: readonly ParcelCandidate[], lines: number): number[][] {
  let most = Array.from({ length: lines }, () => 0);
  return order
    .toReversed()
    .map(({ units }) => (most = most.map((known, line) => Math.max(known, units[line]!))))
    .toReversed();
}

/**
 * A first plan: again and again the source that covers most of what is missing. It lets the search leave out much
 * from the start, and is there to fall back on when the search is cut short.
 */
function greedyCover(
  { lines, sources, maxShipments }: PlanProblem,
  bounds: Bounds,
): UnitAssignment | undefined {
  const missing = lines.map(({ quantity }) => quantity);
  const chosen = new Map<ParcelCandidate, number[]>();
  while (missing.some((units) => units > 0)) {
    const covers = ({ units }: ParcelCandidate) =>
      units.reduce((sum, at, line) => sum + Math.min(at, missing[line]!), 0);
    const [source] = sources
      .filter((one) => [...chosen.keys()].every((other) => other !== one && compatible(other, one)))
      .sort((a, b) => covers(b) - covers(a) || bounds.shipment[a.rank]! - bounds.shipment[b.rank]!);
    if (!source || covers(source) === 0 || chosen.size === maxShipments) return undefined;
    const taken = source.units.map((units, line) => Math.min(units, missing[line]!));
    taken.forEach((units, line) => (missing[line]! -= units));
    chosen.set(source, taken);
  }
  const inRank = [...chosen.keys()].sort((a, b) => a.rank - b.rank);
  return { sources: inRank, quantities: inRank.map((source) => chosen.get(source)!) };
}

function planOf(problem: PlanProblem, best: Best, lowerBoundMinor: number): RoutingPlan {
  const parcels = best.sources.map((source, index) => {
    const quantities = [...best.quantities[index]!];
    return { source, quantities, ...priceShipment(problem, source, quantities)! };
  });
  const method = lowerBoundMinor === best.costMinor ? 'EXACT' : 'BOUNDED';
  return { method, parcels, costMinor: best.costMinor, lowerBoundMinor };
}
