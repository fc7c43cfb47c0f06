import type { RoutingInput } from './facts/routing-facts.ts';
import type { Judge } from './rules/rule-evaluator.ts';
import type { PlanProblem } from './plan/lower-bounds.ts';
import type { LookedAt } from './cost/evaluated-node.ts';

export interface Found {
  facts: RoutingInput;
  judge: Judge;
  lookedAt: readonly LookedAt[];
  problem: PlanProblem;
  unconstrainedCostMinor: number | null;
}
