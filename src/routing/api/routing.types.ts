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
import { DeliveryMethod, Money } from '../../order/index.ts';
import { ReviewTask } from '../../review/index.ts';
import type { DecisionRow } from '../store/decision-store.ts';
import type {
  PlannedShipment as ShipmentOutcome,
  RoutingCandidate as CandidateOutcome,
} from '../decide/outcome.ts';
import type { RuleSetRow } from '../store/rule-set-store.ts';

/** What the public API says of routing; built from stored decisions. */

export enum RoutingCohort {
  ACTIVE = 'ACTIVE',
  CANARY = 'CANARY',
  SHADOW = 'SHADOW',
  DRY_RUN = 'DRY_RUN',
}
registerEnumType(RoutingCohort, { name: 'RoutingCohort' });

export enum PlanMethod {
  EXACT = 'EXACT',
  BOUNDED = 'BOUNDED',
}
registerEnumType(PlanMethod, {
  name: 'PlanMethod',
  description: 'EXACT: no plan costs less. BOUNDED: found within a bound of steps.',
});

export enum ShipmentState {
  PROPOSED = 'PROPOSED',
  PLANNED = 'PLANNED',
  ACKNOWLEDGED = 'ACKNOWLEDGED',
  REJECTED = 'REJECTED',
  SHIPPED = 'SHIPPED',
  CANCELLED = 'CANCELLED',
  UNANSWERED = 'UNANSWERED',
}
registerEnumType(ShipmentState, {
  name: 'ShipmentState',
  description:
    'PROPOSED: of a decision that was not carried out. UNANSWERED: taken from a node that did not answer.',
});

export enum RuleEffect {
  EXCLUDE = 'EXCLUDE',
  REQUIRE = 'REQUIRE',
  PREFER = 'PREFER',
  LIMIT = 'LIMIT',
  RESPOND_WITHIN = 'RESPOND_WITHIN',
  REVIEW = 'REVIEW',
}
registerEnumType(RuleEffect, { name: 'RuleEffect' });

export enum RuleSetRung {
  DRAFT = 'DRAFT',
  REPLAYED = 'REPLAYED',
  SHADOW = 'SHADOW',
  CANARY = 'CANARY',
  ACTIVE = 'ACTIVE',
  RETIRED = 'RETIRED',
  ROLLED_BACK = 'ROLLED_BACK',
}
registerEnumType(RuleSetRung, { name: 'RuleSetRung' });

export enum FulfilmentAnswer {
  ACKNOWLEDGED = 'ACKNOWLEDGED',
  REJECTED = 'REJECTED',
  SHIPPED = 'SHIPPED',
}
registerEnumType(FulfilmentAnswer, { name: 'FulfilmentAnswer' });

@ObjectType({
  description:
    'A condition in CEL over order, line, node, carrier and now, and its effect. `weight`: PREFER how much in minor units, LIMIT how many open orders, RESPOND_WITHIN hours.',
})
export class RoutingRule {
  @Field()
  name!: string;
  @Field()
  when!: string;
  @Field(() => RuleEffect)
  effect!: RuleEffect;
  @Field(() => Float, { nullable: true })
  weight!: number | null;
  @Field(() => String, { nullable: true })
  message!: string | null;
}

@ObjectType()
export class RuleSet {
  @Field(() => ID)
  id!: string;
  @Field(() => Int)
  version!: number;
  @Field(() => RuleSetRung)
  rung!: RuleSetRung;
  @Field(() => [RoutingRule])
  rules!: RoutingRule[];
  @Field()
  createdBy!: string;
  @Field()
  createdAt!: Date;

  static of(row: RuleSetRow): RuleSet {
    const rules = row.rules.map((rule) => ({
      ...rule,
      effect: RuleEffect[rule.effect],
      weight: rule.weight ?? null,
      message: rule.message ?? null,
    }));
    return Object.assign(new RuleSet(), { ...row, rules });
  }
}

@ObjectType({ description: 'A mistake in a rule; line and column of `when` count from 1.' })
export class RuleProblem {
  @Field()
  rule!: string;
  @Field(() => Int)
  line!: number;
  @Field(() => Int)
  column!: number;
  @Field()
  message!: string;
}

@ObjectType()
export class RuleSetInvalid {
  @Field(() => [RuleProblem])
  problems!: RuleProblem[];
}

export const RuleSetPayload = createUnionType({
  name: 'RuleSetPayload',
  types: () => [RuleSet, RuleSetInvalid] as const,
});

@ObjectType({ description: 'A signed part of a score or cost: value × weight, in minor units.' })
export class ScoreTerm {
  @Field()
  name!: string;
  @Field(() => Float)
  value!: number;
  @Field(() => Float)
  weight!: number;
}

@ObjectType({ description: 'A node that was looked at: why it is out, or what shipping from it costs.' })
export class RoutingCandidate {
  @Field(() => ID, { nullable: true, description: 'Where it is excluded for one line only.' })
  sku!: string | null;
  /** Resolved to `node`. */
  nodeCode!: string;
  @Field(() => String, { nullable: true, description: 'A reason of the engine, or the name of a rule.' })
  excludedBy!: string | null;
  @Field(() => Float, { nullable: true, description: 'Minor units for all that it has; lower is better.' })
  score!: number | null;
  @Field(() => [ScoreTerm])
  terms!: ScoreTerm[];

  static of({ node, ...candidate }: CandidateOutcome): RoutingCandidate {
    return Object.assign(new RoutingCandidate(), { ...candidate, nodeCode: node });
  }
}

@ObjectType()
export class ShipmentLine {
  /** Resolved to `sku`. */
  skuCode!: string;
  @Field(() => Int)
  quantity!: number;
}

@ObjectType({ description: 'What one node is to send, or to hand over, for an order.' })
export class PlannedShipment {
  @Field(() => ID)
  id!: string;
  /** Resolved to `node`. */
  nodeCode!: string;
  @Field(() => DeliveryMethod)
  method!: DeliveryMethod;
  @Field(() => String, { nullable: true, description: 'Null for pickup.' })
  carrierService!: string | null;
  @Field(() => Date, { nullable: true, description: 'When the node must have answered.' })
  respondBy!: Date | null;
  @Field(() => [ShipmentLine], { description: 'As planned.' })
  lines!: ShipmentLine[];
  @Field(() => Int)
  chargeableWeightGrams!: number;
  @Field(() => Money)
  cost!: Money;
  @Field({ description: 'By the slow tenth of its lane.' })
  promisedBy!: Date;
  @Field({ description: 'By the middle of its lane.' })
  estimatedArrival!: Date;

  static of(id: string, shipment: ShipmentOutcome, currency: string): PlannedShipment {
    return Object.assign(new PlannedShipment(), {
      id,
      nodeCode: shipment.node,
      method: DeliveryMethod[shipment.method],
      carrierService: shipment.carrierService,
      respondBy: shipment.respondBy === null ? null : new Date(shipment.respondBy),
      lines: shipment.lines.map(({ sku, quantity }) => ({ skuCode: sku, quantity })),
      chargeableWeightGrams: shipment.chargeableWeightGrams,
      cost: { amountMinor: shipment.costMinor, currency },
      promisedBy: new Date(shipment.promisedBy),
      estimatedArrival: new Date(shipment.estimatedArrival),
    });
  }
}

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
  @Field(() => [PlannedShipment])
  shipments!: PlannedShipment[];
  @Field(() => [RoutingCandidate], {
    description: 'Every node looked at: why it was excluded, or its score term by term.',
  })
  candidates!: RoutingCandidate[];
  @Field(() => Money, { nullable: true, description: 'Null where there is no plan.' })
  cost!: Money | null;
  @Field(() => Money, {
    nullable: true,
    description: 'Cost of the cheapest plan without rules on splits and deadlines.',
  })
  unconstrainedCost!: Money | null;
  @Field(() => [String], {
    description: 'Why a person must look at it, or why there is no plan; else empty.',
  })
  reasons!: string[];
  @Field()
  decidedAt!: Date;
  @Field(() => Float)
  durationMs!: number;
  /** What it came to. */
  outcome!: DecisionRow['outcome']['outcome'];

  static of(row: DecisionRow): RoutingDecision {
    const { outcome } = row;
    const money = (amountMinor: number | null) =>
      amountMinor === null ? null : { amountMinor, currency: outcome.currency };
    return Object.assign(new RoutingDecision(), {
      id: row.id,
      orderId: row.orderId,
      ruleSetId: row.ruleSetId,
      cohort: RoutingCohort[row.cohort],
      engineVersion: row.engineVersion,
      method: PlanMethod[outcome.method],
      shipments: outcome.shipments.map((shipment, index) =>
        PlannedShipment.of(row.shipmentIds[index]!, shipment, outcome.currency),
      ),
      candidates: outcome.candidates.map(RoutingCandidate.of),
      cost: money(outcome.costMinor),
      unconstrainedCost: money(outcome.unconstrainedCostMinor),
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

@ObjectType({ description: 'The shipment is no longer open. Nothing changed.' })
export class ShipmentNotOpen {
  @Field(() => ID)
  shipmentId!: string;
  @Field()
  reason!: string;
}

export const RecordFulfilmentPayload = createUnionType({
  name: 'RecordFulfilmentPayload',
  types: () => [PlannedShipment, ShipmentNotOpen] as const,
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

@InputType()
export class ShipmentLineInput {
  @Field(() => ID)
  sku!: string;
  @Field(() => Int)
  quantity!: number;
}

@InputType()
export class RecordFulfilmentInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  shipmentId!: string;
  @Field(() => FulfilmentAnswer)
  answer!: FulfilmentAnswer;
  @Field(() => String, { nullable: true, description: 'A reason code; required when rejected.' })
  reason?: string | null;
  @Field(() => String, { nullable: true })
  trackingNumber?: string | null;
  @Field(() => [ShipmentLineInput], {
    nullable: true,
    description: 'The units that are rejected or shipped; all of the shipment if left out.',
  })
  lines?: ShipmentLineInput[] | null;
}

@InputType()
export class RoutingRuleInput {
  @Field()
  name!: string;
  @Field({ description: 'CEL.' })
  when!: string;
  @Field(() => RuleEffect)
  effect!: RuleEffect;
  @Field(() => Float, { nullable: true })
  weight?: number | null;
  @Field(() => String, { nullable: true })
  message?: string | null;
}

@InputType()
export class RuleSetDraftInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => [RoutingRuleInput])
  rules!: RoutingRuleInput[];
}
