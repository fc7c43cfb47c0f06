/** Order routing: its pure core, and the service around it. */
export { compileRules } from './compile-rules.ts';
export type { CompiledRule, CompiledRules, RuleCompilation } from './compile-rules.ts';
export { decideRoute } from './decide-route.ts';
export { defaultPolicy } from './facts.ts';
export type * from './facts.ts';
export type { RuleEvaluation } from './judge.ts';
export { engineVersion } from './outcome.ts';
export type { PlannedShipment, RoutingCandidate, RoutingOutcome } from './outcome.ts';
export type { PlanMethod } from './plan.ts';
export { engineExclusions, orderOfEffects } from './rules.ts';
export type { EngineExclusion, RoutingRule, RuleEffect, RuleProblem } from './rules.ts';
export type { ScoreTerm } from './shipment-price.ts';
export { starterRules } from './starter-rules.ts';

/** The service around it. */
export { AutoRouter } from './auto-router.ts';
export { intakeCarrierServices } from './carrier-services.ts';
export { linesOfParcel } from './lines-of-parcel.ts';
export { FulfilmentDesk } from './record-fulfilment.ts';
export { OrderRouter, type RoutingNews } from './route-order.ts';
export { routingActions } from './routing-actions.ts';
export { RoutingFeed } from './routing-feed.ts';
export { intakeTracking, type TrackingInput } from './take-tracking.ts';
export { noteAsked, parcelsToAskFor, type ParcelUnderWay } from './tracking-inquiries.ts';
export { routingMigrations } from './routing.migrations.ts';
export { readShipments } from './shipment-store.ts';
export { ensureStarterRules } from './rule-sets.ts';
export { RoutingDecision } from './routing.types.ts';

import type { FulfilmentDesk } from './record-fulfilment.ts';
import type { OrderRouter } from './route-order.ts';
import {
  NodeWorkResolver,
  OrderRoutingResolver,
  PlannedShipmentResolver,
  RoutingCandidateResolver,
  RoutingResolver,
  ShipmentLineResolver,
} from './routing.resolver.ts';

export const routingResolvers = [
  RoutingResolver,
  PlannedShipmentResolver,
  ShipmentLineResolver,
  RoutingCandidateResolver,
  OrderRoutingResolver,
  NodeWorkResolver,
];

/** The resolvers with their collaborators. */
export function createRoutingResolvers(router: OrderRouter, desk: FulfilmentDesk): object[] {
  return [
    new RoutingResolver(router, desk),
    new PlannedShipmentResolver(),
    new ShipmentLineResolver(),
    new RoutingCandidateResolver(),
    new OrderRoutingResolver(),
    new NodeWorkResolver(),
  ];
}
