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
import { planProblem, withoutConstraints } from './plan/plan-problem.ts';
import { explainPlan, explainUnroutableOutcome } from './explain-decision.ts';
import { StepBudget } from './plan/step-budget.ts';

/**
 * The steps that one decision may spend in all: bounds, listing of sets, assignment of units. Measured: 30 to 120 ms
 * for orders of 20 lines × 10 units over 50 nodes that spend it all, 250 ms for 100 lines or 200 nodes, on one of two
 * busy cores; most orders take less than a hundredth of it.
 */
export const DECISION_STEPS = 10_000_000;

/**
 * Decides from where an order's units are sent.
 * @param budget for one decision; what is found within it is the outcome
 * @throws RangeError for facts that contradict themselves (`normaliseFacts`); never for a rule.
 */
export function decideRoute(
  input: RoutingInput,
  rules: CompiledRules,
  budget = new StepBudget(DECISION_STEPS),
): RoutingOutcome {
  const found = weigh(input, rules);
  const search = cheapestPlan(found.problem, budget);
  return search.plan ? explainPlan(found, search.plan) : explainUnroutableOutcome(found, search.complete);
}

/**
 * Computes what the cheapest plan without a bound on splits, split penalty and lateness costs, in minor units. It is no
 * part of a decision: whoever reads it pays for it.
 * @returns null where there is no such plan, or none was proved to be the cheapest within the budget
 */
export function unconstrainedCostMinor(
  input: RoutingInput,
  rules: CompiledRules,
  budget = new StepBudget(DECISION_STEPS),
): number | null {
  const { plan } = cheapestPlan(withoutConstraints(weigh(input, rules).problem), budget);
  return plan?.method === 'EXACT' ? plan.costMinor : null;
}

function weigh(input: RoutingInput, rules: CompiledRules) {
  const facts = normaliseFacts(input);
  const judge = createRuleEvaluator(facts, rules);
  const lookedAt = evaluateNodes(facts, judge); // exclude, require
  return { facts, judge, lookedAt, problem: planProblem(facts, lookedAt) };
}
