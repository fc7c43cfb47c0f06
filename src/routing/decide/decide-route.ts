/**
 * Order routing: facts → exclude → require → plan → record. Pure: no clock, no randomness, no state; everything it
 * looks at is in the input and the rules, so the stored input gives the identical outcome again.
 */
import { evaluateNodes } from './find-candidates.ts';
import type { CompiledRules } from './rules/compile-rules.ts';
import type { RoutingInput } from './facts/routing-facts.ts';
import { createRuleEvaluator } from './rules/rule-evaluator.ts';
import { normaliseFacts } from './facts/normalise-facts.ts';
import type { RoutingOutcome } from './outcome.ts';
import { cheapestPlan } from './plan/find-cheapest-plan.ts';
import { planProblem, unconstrainedMinor } from './plan/plan-problem.ts';
import { explainPlan, explainUnroutableOutcome } from './explain-decision.ts';

/** @throws RangeError for facts that contradict themselves (`normaliseFacts`); never for a rule. */
export function decideRoute(input: RoutingInput, rules: CompiledRules): RoutingOutcome {
  const facts = normaliseFacts(input);
  const judge = createRuleEvaluator(facts, rules);
  const lookedAt = evaluateNodes(facts, judge); // exclude, require
  const problem = planProblem(facts, lookedAt);
  const search = cheapestPlan(problem);
  const found = {
    facts,
    judge,
    lookedAt,
    problem,
    unconstrainedCostMinor: unconstrainedMinor(problem, search.plan),
  };
  return search.plan ? explainPlan(found, search.plan) : explainUnroutableOutcome(found, search.complete);
}
