import type { RoutingInput } from '../facts/routing-facts.ts';
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

/** The problem without a bound on splits, split penalty and lateness. */
export function withoutConstraints(problem: PlanProblem): PlanProblem {
  return { ...problem, maxShipments: problem.totalUnits, splitPenaltyMinor: 0, latenessMinorPerHour: 0 };
}
