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
export { importCarrierServices } from './store/carrier-service-store.ts';
export { linesOfParcel } from './shipments/parcel-lines.ts';
export { FulfilmentService } from './orders/record-fulfilment.ts';
export { DecisionPool, type Decider } from './workers/decision-pool.ts';
export { OrderRouter, type RoutingNews } from './orders/route-order.ts';
export { routingGauges } from './orders/routing.metrics.ts';
export { routingActions } from './orders/review-actions.ts';
export { RoutingFeed } from './api/routing-feed.ts';
export { importTracking, type TrackingInput } from './shipments/import-tracking.ts';
export { markPolled, dueParcels, type TrackedParcel } from './shipments/due-tracking-requests.ts';
export { routingMigrations } from './migrations/routing.migrations.ts';
export { deleteEndedDecisions, deleteOldTracking } from './store/delete-ended-decisions.ts';
export { readShipments } from './store/shipment-store.ts';
export { ensureStarterRules } from './store/rule-set-store.ts';
import type { FulfilmentService } from './orders/record-fulfilment.ts';
import type { Decider } from './workers/decision-pool.ts';
import type { OrderRouter } from './orders/route-order.ts';
import { NodeWorkResolver, OrderRoutingResolver } from './api/order-routing.resolver.ts';
import { RoutingCandidateResolver, RoutingResolver } from './api/routing.resolver.ts';
import { RuleSetResolver } from './api/rule-set.resolver.ts';
import { PlannedShipmentResolver, ShipmentLineResolver } from './api/shipment.resolver.ts';

export const routingResolvers = [
  RoutingResolver,
  RuleSetResolver,
  PlannedShipmentResolver,
  ShipmentLineResolver,
  RoutingCandidateResolver,
  OrderRoutingResolver,
  NodeWorkResolver,
];

/** The resolvers with their collaborators. */
export function createRoutingResolvers(
  router: OrderRouter,
  decider: Decider,
  desk: FulfilmentService,
): object[] {
  return [
    new RoutingResolver(router, decider),
    new RuleSetResolver(),
    new PlannedShipmentResolver(desk),
    new ShipmentLineResolver(),
    new RoutingCandidateResolver(),
    new OrderRoutingResolver(),
    new NodeWorkResolver(),
  ];
}
