/** The pure core of order routing. */
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
