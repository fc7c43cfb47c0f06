/** Order routing: its pure core, and the service around it. */
export { compileRules } from './decide/rules/compile-rules.ts';
export type { CompiledRule, CompiledRules, RuleCompilation } from './decide/rules/compile-rules.ts';
export { DECISION_STEPS, decideRoute, unconstrainedCostMinor } from './decide/decide-route.ts';
export { StepBudget } from './decide/plan/step-budget.ts';
export { defaultPolicy } from './decide/facts/routing-facts.ts';
export type * from './decide/facts/routing-facts.ts';
export type { RuleEvaluation } from './decide/rules/rule-evaluator.ts';
export { engineVersion } from './decide/outcome.ts';
export type { PlannedShipment, RoutingCandidate, RoutingOutcome } from './decide/outcome.ts';
export type { PlanMethod } from './decide/plan/find-cheapest-plan.ts';
export { orderOfEffects } from './decide/rules/rules.ts';
export type { EngineExclusion, RoutingRule, RuleEffect, RuleProblem } from './decide/rules/rules.ts';
export type { ScoreTerm } from './decide/cost/shipment-price.ts';
export { starterRules } from './decide/rules/starter-rules.ts';

/** The service around it. */
export { RoutingJob } from './orders/routing.job.ts';
export { FulfilmentService } from './orders/record-fulfilment.ts';
export { DecisionPool, type Decider } from './workers/decision-pool.ts';
export { OrderRouter, type RoutingNews } from './orders/route-order.ts';
export { routingActions } from './orders/review-actions.ts';
export { importTracking, type TrackingInput } from './shipments/import-tracking.ts';
export { deleteEndedDecisions, deleteOldTracking } from './store/delete-ended-decisions.ts';
export { ordersRouted } from './routing.signals.ts';
