/**
 * The cheapest assignment of an order's units to nodes: Σ over shipments (freight + handling + lateness + scarcity −
 * preferences) + split penalty, with at most `maxShipments` shipments. Freight depends on a parcel's whole weight, so
 * units cannot be placed one by one: the sets of sources that can ship the order are listed, smallest first, and in
 * each, the most promising first, the quantities are found by branch and bound.
 *
 * Exact while the search ends within its budget of steps; else the best plan found is BOUNDED and states the lower
 * bound that is known. No set may use up the budget before others are looked at: what a set's share leaves open waits
 * until all have had theirs. Plans of equal cost: fewer shipments, then the earlier nodes by code, then more units of
 * the first SKU at the first node, and so on.
 */
import {
  assignUnits,
  shipsSomethingFromEach,
  stepsOf,
  type SearchState,
  type UnitAssignment,
} from './assign-units.ts';
import { assignByPrice, greedyPlans } from './greedy-plans.ts';
import { boundsOf, type Bounds, type PlanProblem } from './lower-bounds.ts';
import { priceShipment, shipmentMinor, type PricedShipment } from '../cost/shipment-price.ts';
import type { ParcelCandidate } from './parcel-candidates.ts';
import { SourceSets, type SetEvaluator, type SourceSet } from './source-sets.ts';
import type { StepBudget } from './step-budget.ts';

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
  /** False: the budget ended the search. */
  complete: boolean;
}

/** Of what is left: how much listing the sets of one size may take, and one set before the others have had theirs. */
const LISTING_SHARE = 1 / 2;
const SET_SHARE = 1 / 32;

export function cheapestPlan(problem: PlanProblem, budget: StepBudget): PlanSearch {
  const { sources, maxShipments, totalUnits } = problem;
  if (sources.length === 0) return { plan: undefined, complete: true };
  budget.charge(stepsOf(problem, sources));
  const bounds = boundsOf(problem);
  const search = new Search(problem, bounds, budget);
  for (const plan of greedyPlans(problem, bounds)) {
    budget.charge(stepsOf(problem, plan.sources));
    search.seed(plan);
  }
  const sets = new SourceSets(problem, bounds);
  const most = Math.min(maxShipments, sources.length, totalUnits);
  const unlisted: number[] = [];
  for (let size = 1; size <= most; size++) {
    if (search.cannotWin(bounds.plan(size), size)) continue;
    const listed = sets.ofSize(size, search, budget.part(budget.left * LISTING_SHARE));
    if (!listed.complete) unlisted.push(size);
    search.tryEach(listed.sets);
  }
  search.finish();
  const open = unlisted.filter((size) => !search.cannotWin(bounds.plan(size), size));
  const complete = open.length === 0 && search.open.length === 0;
  const { best } = search;
  if (!best) return { plan: undefined, complete };
  const lowerBoundMinor = Math.min(
    best.costMinor,
    ...open.map((size) => bounds.plan(size)),
    ...search.open.map(({ bound }) => bound),
  );
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
  /** Not found by the search in its order: among plans of these sources another of equal cost may come first. */
  seeded: boolean;
}

/** The state of one search: the best plan so far, and the sets that are not done. */
class Search implements SearchState, SetEvaluator {
  best: Best | undefined;
  /** Not all plans of these were looked at; cheapest bound first. */
  open: SourceSet[] = [];
  readonly problem: PlanProblem;
  readonly bounds: Bounds;
  private readonly budget: StepBudget;

  constructor(problem: PlanProblem, bounds: Bounds, budget: StepBudget) {
    this.problem = problem;
    this.bounds = bounds;
    this.budget = budget;
  }

  take(assignment: UnitAssignment, seeded = false): void {
    const costMinor = assignmentMinor(this.problem, assignment);
    if (costMinor === Infinity || this.isBeaten(costMinor, assignment.sources)) return;
    const isTheSame =
      this.best?.costMinor === costMinor && compareSources(assignment.sources, this.best.sources) === 0;
    if (seeded && isTheSame) return;
    const quantities = assignment.quantities.map((row) => [...row]);
    this.best = { sources: [...assignment.sources], quantities, costMinor, seeded };
  }

  /** A plan that was not found by the search in its order. */
  seed(assignment: UnitAssignment): void {
    if (shipsSomethingFromEach(this.problem, assignment)) this.take(assignment, true);
  }

  isBeaten(leastMinor: number, sources: readonly ParcelCandidate[]): boolean {
    if (!this.best || leastMinor < this.best.costMinor) return false;
    if (leastMinor > this.best.costMinor) return true;
    const order = compareSources(sources, this.best.sources);
    return order > 0 || (order === 0 && !this.best.seeded);
  }

  cannotWin(leastMinor: number, size: number): boolean {
    if (!this.best) return false;
    if (leastMinor !== this.best.costMinor) return leastMinor > this.best.costMinor;
    return size > this.best.sources.length;
  }

  /** Searches the sets of one size, each with a share of what is left. */
  tryEach(sets: SourceSet[]): void {
    for (const set of sets.sort(byBound)) {
      if (this.isBeaten(set.bound, set.sources)) continue;
      const steps = stepsOf(this.problem, set.sources);
      if (this.budget.spend(steps)) this.seed(assignByPrice(this.problem, this.bounds, set.sources));
      this.tryAll(set, this.budget.part(this.budget.left * SET_SHARE));
    }
  }

  /** Searches what the shares left open, the most promising first, until the budget ends. */
  finish(): void {
    const again = this.open.sort(byBound);
    this.open = [];
    for (const set of again)
      if (!this.isBeaten(set.bound, set.sources)) this.tryAll(set, this.budget.part(this.budget.left));
    this.open = this.open.filter((set) => !this.isBeaten(set.bound, set.sources));
  }

  private tryAll(set: SourceSet, budget: StepBudget): void {
    assignUnits(this, set.sources, budget);
    if (budget.isSpent) this.open.push(set);
  }
}

function byBound(a: SourceSet, b: SourceSet): number {
  return a.bound - b.bound || compareSources(a.sources, b.sources);
}

/** By size, then by the sources' own order. */
function compareSources(a: readonly ParcelCandidate[], b: readonly ParcelCandidate[]): number {
  if (a.length !== b.length) return a.length - b.length;
  const index = a.findIndex((source, at) => source.rank !== b[at]!.rank);
  return index < 0 ? 0 : a[index]!.rank - b[index]!.rank;
}

function planOf(problem: PlanProblem, best: Best, lowerBoundMinor: number): RoutingPlan {
  const parcels = best.sources.map((source, index) => {
    const quantities = [...best.quantities[index]!];
    return { source, quantities, ...priceShipment(problem, source, quantities)! };
  });
  const method = lowerBoundMinor === best.costMinor ? 'EXACT' : 'BOUNDED';
  return { method, parcels, costMinor: best.costMinor, lowerBoundMinor };
}
