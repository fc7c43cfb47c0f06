import {
  Field,
  Float,
  ID,
  InputType,
  Int,
  ObjectType,
  createUnionType,
  registerEnumType,
} from 'type-graphql';
import { Money } from '../../order/index.ts';
import { ReviewTask } from '../../review/index.ts';
import type { DecisionRow } from '../store/decision-store.ts';
import type { RoutingCandidate as CandidateOutcome } from '../decide/outcome.ts';
import { PlannedShipmentType } from './shipment.types.ts';
import { PlanMethod } from '../decide/plan/find-cheapest-plan.ts';
import { AssumedSize, Cost } from '../../platform/api/list-size.ts';

/** Routing in the public API; built from stored decisions. */

export enum RoutingCohort {
  ACTIVE = 'ACTIVE',
  CANARY = 'CANARY',
  SHADOW = 'SHADOW',
  DRY_RUN = 'DRY_RUN',
}
registerEnumType(RoutingCohort, { name: 'RoutingCohort' });

registerEnumType(PlanMethod, {
  name: 'PlanMethod',
  description: 'EXACT: no plan costs less. BOUNDED: found within a bound of steps.',
});

@ObjectType('ScoreTerm', { description: 'A signed part of a score or cost: value × weight, in minor units.' })
export class ScoreTermType {
  @Field()
  name!: string;
  @Field(() => Float)
  value!: number;
  @Field(() => Float)
  weight!: number;
}

@ObjectType('RoutingCandidate', {
  description: 'A node that was looked at: why it is out, or what shipping from it costs.',
})
export class RoutingCandidateType {
  @Field(() => ID, { nullable: true, description: 'Where it is excluded for one line only.' })
  sku!: string | null;
  /** Resolved to `node`. */
  nodeCode!: string;
  @Field(() => String, { nullable: true, description: 'A reason of the engine, or the name of a rule.' })
  excludedBy!: string | null;
  @Field(() => Float, { nullable: true, description: 'Minor units for all that it has; lower is better.' })
  score!: number | null;
  @AssumedSize(6)
  @Field(() => [ScoreTermType])
  terms!: ScoreTermType[];

  static of({ node, ...candidate }: CandidateOutcome): RoutingCandidateType {
    return Object.assign(new RoutingCandidateType(), { ...candidate, nodeCode: node });
  }
}

@Cost(10)
@ObjectType({ description: 'How an order was routed, with all that led to it.' })
export class RoutingDecision {
  @Field(() => ID)
  id!: string;
  /** Resolved to `order` and `ruleSet`. */
  orderId!: string;
  ruleSetId!: string;
  @Field(() => RoutingCohort)
  cohort!: RoutingCohort;
  @Field()
  engineVersion!: string;
  @Field(() => PlanMethod)
  method!: PlanMethod;
  @AssumedSize(5)
  @Field(() => [PlannedShipmentType])
  shipments!: PlannedShipmentType[];
  @AssumedSize(20)
  @Field(() => [RoutingCandidateType], {
    description: 'Every node looked at: why it was excluded, or its score term by term.',
  })
  candidates!: RoutingCandidateType[];
  @Field(() => Money, { nullable: true, description: 'Null where there is no plan.' })
  cost!: Money | null;
  @Field(() => [String], {
    description: 'Why a person must look at it, or why there is no plan; else empty.',
  })
  reasons!: string[];
  @Field()
  decidedAt!: Date;
  @Field(() => Float)
  durationMs!: number;
  /** As stored; `unconstrainedCost` is computed from it. */
  row!: DecisionRow;
  /** The outcome. */
  outcome!: DecisionRow['outcome']['outcome'];

  static of(row: DecisionRow): RoutingDecision {
    const { outcome } = row;
    const money = (amountMinor: number | null) =>
      amountMinor === null ? null : { amountMinor, currency: outcome.currency };
    return Object.assign(new RoutingDecision(), {
      row,
      id: row.id,
      orderId: row.orderId,
      ruleSetId: row.ruleSetId,
      cohort: RoutingCohort[row.cohort],
      engineVersion: row.engineVersion,
      method: PlanMethod[outcome.method],
      shipments: outcome.shipments.map((shipment, index) =>
        PlannedShipmentType.of(row.shipmentIds[index]!, shipment, outcome.currency),
      ),
      candidates: outcome.candidates.map(RoutingCandidateType.of),
      cost: money(outcome.costMinor),
      reasons: outcome.reasons,
      decidedAt: row.decidedAt,
      durationMs: row.durationMs,
      outcome: outcome.outcome,
    });
  }

  givesWorkTo(node: string): boolean {
    return this.shipments.some(({ nodeCode }) => nodeCode === node);
  }
}

@ObjectType({ description: 'The plan waits for a person.' })
export class NeedsReview {
  @Field(() => ReviewTask)
  task!: ReviewTask;
  @Field(() => RoutingDecision)
  decision!: RoutingDecision;
}

@ObjectType({ description: 'No plan ships the order.' })
export class Unroutable {
  @Field(() => RoutingDecision)
  decision!: RoutingDecision;
  @Field(() => [String])
  reasons!: string[];
}

export const RouteOrderPayload = createUnionType({
  name: 'RouteOrderPayload',
  types: () => [RoutingDecision, NeedsReview, Unroutable] as const,
});

@ObjectType({ description: 'A stored decision, taken again from its stored inputs and rules.' })
export class RoutingReplay {
  @Field({ description: 'False only where the engine changed.' })
  identical!: boolean;
  @Field(() => RoutingDecision, { description: 'As stored.' })
  decision!: RoutingDecision;
  @Field(() => String, { nullable: true, description: 'The first part of the outcome that differs.' })
  difference!: string | null;
}

@ObjectType({ description: 'A price list of a carrier.' })
export class CarrierService {
  @Field(() => ID)
  code!: string;
  @Field()
  kind!: string;
  @Field(() => Int, { description: 'cm³ per kg.' })
  volumetricDivisor!: number;
  @Field(() => Int, { description: 'Chargeable weight is rounded up to a multiple of this.' })
  roundingGrams!: number;
  @Field(() => Float, { nullable: true, description: 'A parcel less dense may not use the service.' })
  minDensityKgPerM3!: number | null;
  @Field()
  currency!: string;
}

@InputType()
export class RouteOrderInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  orderId!: string;
  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Evaluate and trace only: nothing is allocated.',
  })
  dryRun?: boolean | null;
}
