import type { CompiledRule } from './rules/compile-rules.ts';
import type { RoutingInput } from './facts/routing-facts.ts';
import type { RuleEvaluator } from './rules/rule-evaluator.ts';
import {
  engineVersion,
  type PlannedShipment,
  type RoutingCandidate,
  type RoutingOutcome,
} from './outcome.ts';
import type { RoutingPlan, PlannedParcel } from './plan/find-cheapest-plan.ts';
import type { PlanProblem } from './plan/lower-bounds.ts';
import type { RuleEffect } from './rules/rules.ts';
import { priceShipment, type PricedShipment } from './cost/shipment-price.ts';
import { explainUnroutable } from './unroutable-reasons.ts';
import type { DecisionContext } from './decision-context.ts';
import type { EvaluatedNode } from './cost/evaluated-node.ts';

const HOUR_MS = 3_600_000;

export function explainPlan(found: DecisionContext, plan: RoutingPlan): RoutingOutcome {
  const { facts, judge, problem } = found;
  const reasons = reviewReasons(facts, judge, plan);
  return {
    ...common(found),
    outcome: reasons.length > 0 ? 'NEEDS_REVIEW' : 'PLANNED',
    reasons,
    method: plan.method,
    shipments: plan.parcels.map((parcel) => shipmentOf(facts, judge, parcel)),
    costMinor: plan.costMinor,
    splitPenaltyMinor: (plan.parcels.length - 1) * problem.splitPenaltyMinor,
    lowerBoundMinor: plan.lowerBoundMinor,
    evaluations: judge.evaluations(),
  };
}

/** @param proven false: the search was cut short, so that a plan may exist. */
export function explainUnroutableOutcome(found: DecisionContext, proven: boolean): RoutingOutcome {
  return {
    ...common(found),
    outcome: 'UNROUTABLE',
    reasons: explainUnroutable(found, proven),
    method: proven ? 'EXACT' : 'BOUNDED',
    shipments: [],
    costMinor: null,
    splitPenaltyMinor: 0,
    lowerBoundMinor: null,
    evaluations: found.judge.evaluations(),
  };
}

function common({ facts, lookedAt, problem }: DecisionContext) {
  return {
    engineVersion,
    currency: facts.order.currency,
    unconstrainedCostMinor: null,
    candidates: lookedAt.flatMap((at) => candidatesOf(problem, at)),
  };
}

/** One row for the node, or for each line where it is out for some of them or for different reasons. */
function candidatesOf(problem: PlanProblem, at: EvaluatedNode): RoutingCandidate[] {
  const out = (sku: string | null, excludedBy: string): RoutingCandidate => ({
    node: at.node.code,
    sku,
    excludedBy,
    score: null,
    terms: [],
  });
  const [first] = at.excludedBy;
  if (first && at.excludedBy.every((reason) => reason === first)) return [out(null, first)];
  const byLine = at.excludedBy.flatMap((reason, line) =>
    reason ? [out(problem.lines[line]!.sku, reason)] : [],
  );
  const prices = pricesOf(problem, at);
  if (prices.length === 0) return byLine;
  const score = prices.reduce((sum, { costMinor }) => sum + costMinor, 0);
  const scored = {
    node: at.node.code,
    sku: null,
    excludedBy: null,
    score,
    terms: prices.flatMap(({ terms }) => terms),
  };
  return [scored, ...byLine];
}

/** All that the node has as one parcel, or, where no service takes it all, a parcel for each line. */
function pricesOf(problem: PlanProblem, at: EvaluatedNode): PricedShipment[] {
  const whole = at.units.some((units) => units > 0) ? priceShipment(problem, at, at.units) : undefined;
  if (whole) return [whole];
  return at.units.flatMap((units, line) => {
    const alone = at.units.map((_, other) => (other === line ? units : 0));
    const price = units > 0 ? priceShipment(problem, at, alone) : undefined;
    return price ? [price] : [];
  });
}

function shipmentOf(facts: RoutingInput, judge: RuleEvaluator, parcel: PlannedParcel): PlannedShipment {
  const { source, offer, quantities, costMinor, terms } = parcel;
  const hours = rulesOn(facts, judge, parcel, 'RESPOND_WITHIN').map(({ weight }) => weight);
  return {
    node: source.node.code,
    method: facts.order.deliveryMethod,
    carrierService: offer.carrier?.service.code ?? null,
    respondBy: hours.length > 0 ? instant(Date.parse(facts.now) + Math.min(...hours) * HOUR_MS) : null,
    fallbackNode: source.node.fallbackNode,
    lines: facts.order.lines.flatMap(({ sku }, line) =>
      quantities[line]! > 0 ? [{ sku, quantity: quantities[line]! }] : [],
    ),
    chargeableWeightGrams: parcel.chargeableGrams,
    costMinor,
    terms,
    promisedBy: instant(offer.promisedBy),
    estimatedArrival: instant(offer.estimatedArrival),
    lateHours: offer.lateHours,
    countsTowards: rulesOn(facts, judge, parcel, 'LIMIT').map(({ name }) => name),
  };
}

function reviewReasons(facts: RoutingInput, judge: RuleEvaluator, plan: RoutingPlan): string[] {
  const asking = plan.parcels.flatMap((parcel) => rulesOn(facts, judge, parcel, 'REVIEW'));
  return [...new Set(asking)].map(({ name, message }) => message ?? name);
}

/** The rules of an effect whose condition holds for the parcel: for one of its lines, where it looks at lines. */
function rulesOn(
  facts: RoutingInput,
  judge: RuleEvaluator,
  parcel: PlannedParcel,
  effect: RuleEffect,
): CompiledRule[] {
  const { source, offer, quantities } = parcel;
  const subject = { node: source.node, ...(offer.carrier ? { carrier: offer.carrier } : {}) };
  const shipped = facts.order.lines.filter((_, line) => quantities[line]! > 0);
  return judge
    .rulesOf(effect)
    .filter((rule) => shipped.map((line) => judge.conditionHolds(rule, { ...subject, line })).includes(true));
}

function instant(ms: number): string {
  return new Date(Math.round(ms)).toISOString();
}
