import type { RoutingInput } from '../facts/routing-facts.ts';
import { cheapestPlan, type RoutingPlan } from './find-cheapest-plan.ts';
import type { PlanProblem } from './lower-bounds.ts';
import { parcelCandidates } from './parcel-candidates.ts';
import type { EvaluatedNode } from '../cost/evaluated-node.ts';

export function planProblem(
  { order, policy }: RoutingInput,
  lookedAt: readonly EvaluatedNode[],
): PlanProblem {
  return {
    lines: order.lines,
    totalUnits: order.lines.reduce((sum, { quantity }) => sum + quantity, 0),
    sources: parcelCandidates(order.lines, lookedAt),
    maxShipments: policy.maxShipments,
    splitPenaltyMinor: policy.splitPenaltyMinor,
    latenessMinorPerHour: policy.latenessMinorPerHour,
  };
}

/** A side figure may not cost more than the decision: past this many steps it is left open. */
const UNCONSTRAINED_LIMIT = 20_000;

/** The cost of the plan without a bound on splits, split penalty and lateness: never more than the plan does. */
export function unconstrainedMinor(problem: PlanProblem, plan: RoutingPlan | undefined): number | null {
  const free = {
    ...problem,
    maxShipments: problem.totalUnits,
    splitPenaltyMinor: 0,
    latenessMinorPerHour: 0,
  };
  const seed = plan && {
    sources: plan.parcels.map(({ source }) => source),
    quantities: plan.parcels.map(({ quantities }) => quantities),
  };
  const search = cheapestPlan(free, UNCONSTRAINED_LIMIT, seed);
  return search.plan?.method === 'EXACT' ? search.plan.costMinor : null;
}
