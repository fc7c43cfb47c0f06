import type { LookedAt } from './candidates.ts';
import type { RoutingInput } from './facts.ts';
import type { Judge } from './judge.ts';
import type { PlanProblem } from './plan-bounds.ts';

export interface Found {
  facts: RoutingInput;
  judge: Judge;
  lookedAt: readonly LookedAt[];
  problem: PlanProblem;
  unconstrainedCostMinor: number | null;
}
