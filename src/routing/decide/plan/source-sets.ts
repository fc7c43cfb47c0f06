import { sumsOf, type Bounds, type PlanProblem } from './lower-bounds.ts';
import { dominatorsOf } from './dominance.ts';
import { compatible, type ParcelCandidate } from './parcel-candidates.ts';
import type { StepBudget } from './step-budget.ts';

/** Sources that together have what the order needs, by rank, and the least that a plan of them costs. */
export interface SourceSet {
  sources: readonly ParcelCandidate[];
  bound: number;
}

/** The findings of a search so far, as far as they rule out sets. */
export interface SetEvaluator {
  /** Whether no plan of so many shipments that costs at least so much can become the best. */
  cannotWin(leastMinor: number, size: number): boolean;
  isBeaten(leastMinor: number, sources: readonly ParcelCandidate[]): boolean;
}

/** Sets are kept until they are looked at; more of one size than this are no use within the budget. */
const MOST_SETS = 20_000;

/**
 * Lists the sets of sources of which the best plan can be. Each set is built from the line that is hardest to cover:
 * one of its holders must be in the set, so that where stock is sparse little is tried in vain. A branch ends where too
 * few sources are left, where the rest cannot cover what is missing, where its bound cannot win, and at a source that
 * is dominated by one that the set leaves out.
 */
export class SourceSets {
  private readonly problem: PlanProblem;
  private readonly bounds: Bounds;
  /** Cheapest shipment first. */
  private readonly order: readonly ParcelCandidate[];
  private readonly dominators: readonly (readonly ParcelCandidate[])[];
  /** By line, in the same order: the sources that have it. */
  private readonly holders: readonly (readonly ParcelCandidate[])[];
  /** Fewest holders first. */
  private readonly hardest: readonly number[];
  /** [line][n]: the most units that n sources have of it. */
  private readonly mostUnits: readonly (readonly number[])[];
  /** [n]: the most units of the order that n sources have. */
  private readonly mostCover: readonly number[];
  /** [n]: what n shipments cost at least. */
  private readonly cheapest: readonly number[];

  constructor(problem: PlanProblem, bounds: Bounds) {
    const { lines, sources } = problem;
    this.problem = problem;
    this.bounds = bounds;
    this.order = sources.toSorted(
      (a, b) => bounds.shipment[a.rank]! - bounds.shipment[b.rank]! || a.rank - b.rank,
    );
    this.dominators = dominatorsOf(problem, bounds);
    this.holders = lines.map((_, line) => this.order.filter(({ units }) => units[line]! > 0));
    this.hardest = [...lines.keys()].sort(
      (a, b) => this.holders[a]!.length - this.holders[b]!.length || a - b,
    );
    const descending = (values: number[]) => values.sort((a, b) => b - a);
    this.mostUnits = lines.map((_, line) => sumsOf(descending(sources.map(({ units }) => units[line]!))));
    this.mostCover = sumsOf(
      descending(sources.map(({ units }) => units.reduce((sum, here) => sum + here, 0))),
    );
    this.cheapest = sumsOf(bounds.shipment.toSorted((a, b) => a - b));
  }

  /** @returns the sets of so many sources; not all of them where the budget ended or there are too many */
  ofSize(size: number, judge: SetEvaluator, budget: StepBudget): { sets: SourceSet[]; complete: boolean } {
    const { lines, splitPenaltyMinor } = this.problem;
    const sets: SourceSet[] = [];
    let complete = true;
    const out = new Uint8Array(this.order.length); // by rank: chosen, or not to be chosen below this point
    const chosen: ParcelCandidate[] = [];
    const missing = lines.map(({ quantity }) => quantity);
    const fixed = this.bounds.linear + (size - 1) * splitPenaltyMinor;
    let free = this.order.length;

    const add = (): void => {
      if (!budget.spend(lines.length * size * 2)) return void (complete = false);
      const sources = chosen.toSorted((a, b) => a.rank - b.rank);
      const bound = this.bounds.set(sources);
      if (judge.isBeaten(bound, sources)) return;
      if (sets.length === MOST_SETS) return void (complete = false);
      sets.push({ sources, bound });
    };

    const extend = (left: number, chosenMinor: number): void => {
      if (left === 0) return add();
      const line = this.hardest.find((at) => missing[at]! > 0);
      const tried: number[] = [];
      for (const source of line === undefined ? this.order : this.holders[line]!) {
        const { rank } = source;
        if (out[rank] === 1) continue;
        if (free < left) break;
        if (!budget.spend(lines.length)) {
          complete = false;
          break;
        }
        const least = this.bounds.shipment[rank]!;
        const others = line === undefined ? (left - 1) * least : this.cheapest[left - 1]!;
        if (judge.cannotWin(fixed + chosenMinor + least + others, size)) break; // those after it cost no less
        out[rank] = 1;
        free--;
        tried.push(rank);
        if (!this.canJoin(source, chosen, missing, left - 1)) continue;
        chosen.push(source);
        source.units.forEach((units, at) => (missing[at]! -= units));
        extend(left - 1, chosenMinor + least);
        source.units.forEach((units, at) => (missing[at]! += units));
        chosen.pop();
        if (!complete) break;
      }
      for (const rank of tried) out[rank] = 0;
      free += tried.length;
    };

    extend(size, 0);
    return { sets, complete };
  }

  private canJoin(
    source: ParcelCandidate,
    chosen: readonly ParcelCandidate[],
    missing: readonly number[],
    others: number,
  ): boolean {
    if (!chosen.every((other) => compatible(other, source))) return false;
    if (this.dominators[source.rank]!.some((better) => !chosen.includes(better))) return false;
    let total = 0;
    for (let line = 0; line < missing.length; line++) {
      const short = missing[line]! - source.units[line]!;
      if (short <= 0) continue;
      if (short > this.mostUnits[line]![others]!) return false;
      total += short;
    }
    return total <= this.mostCover[others]!;
  }
}
