import type { RoutingInput } from './facts/routing-facts.ts';
import type { RuleEvaluator } from './rules/rule-evaluator.ts';
import type { PlanProblem } from './plan/lower-bounds.ts';
import type { EvaluatedNode } from './cost/evaluated-node.ts';

export interface DecisionContext {
  facts: RoutingInput;
  judge: RuleEvaluator;
  lookedAt: readonly EvaluatedNode[];
  problem: PlanProblem;
}
