/** The outcome of a decision, as plain JSON values: equal inputs give byte for byte equal canonical JSON. */
import type { DeliveryMethod } from './facts/routing-facts.ts';
import type { RuleEvaluation } from './rules/rule-evaluator.ts';
import type { PlanMethod } from './plan/find-cheapest-plan.ts';
import type { ScoreTerm } from './cost/shipment-price.ts';

/** Part of every outcome. Raise it with any change that can change a decision: a replay names the difference by it. */
export const engineVersion = '2';

export interface PlannedShipment {
  node: string;
  method: DeliveryMethod;
  /** Null for pickup. */
  carrierService: string | null;
  /** When the node must have answered; null where no rule asks. */
  respondBy: string | null;
  /** The node that gets it when the first does not. */
  fallbackNode: string | null;
  lines: { sku: string; quantity: number }[];
  chargeableWeightGrams: number;
  /** Sum of the terms. */
  costMinor: number;
  terms: ScoreTerm[];
  /** p90 of transit, which the promise uses. */
  promisedBy: string;
  /** p50. */
  estimatedArrival: string;
  /** Begun hours of `promisedBy` after the order's promise. */
  lateHours: number;
  /** LIMIT rules whose condition holds: while open, the shipment counts towards `LimitFacts` of its node. */
  countsTowards: string[];
}

/** A node that was looked at: why it is out (for one line only where `sku` is given), or what shipping from it costs. */
export interface RoutingCandidate {
  node: string;
  sku: string | null;
  /** An EngineExclusion or a rule's name. */
  excludedBy: string | null;
  /** Minor units for all units that the node has; lower is better. Sum of the terms. */
  score: number | null;
  terms: ScoreTerm[];
}

export interface RoutingOutcome {
  outcome: 'PLANNED' | 'NEEDS_REVIEW' | 'UNROUTABLE';
  /** Sentences; empty when PLANNED. */
  reasons: string[];
  engineVersion: string;
  method: PlanMethod;
  currency: string;
  shipments: PlannedShipment[];
  /** Shipments and split penalty; null when UNROUTABLE. */
  costMinor: number | null;
  splitPenaltyMinor: number;
  /** No plan costs less; the gap of a BOUNDED plan is the cost less this. */
  lowerBoundMinor: number | null;
  /**
   * Always null: computed when it is read (`unconstrainedCostMinor`). Decisions of engine 1 have the cost of the cheapest
   * plan without a bound on splits, split penalty and lateness, or null where there is none or the search did not end.
   */
  unconstrainedCostMinor: number | null;
  candidates: RoutingCandidate[];
  evaluations: RuleEvaluation[];
}
