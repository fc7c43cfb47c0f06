import {
  Arg,
  Ctx,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { existingSku, FulfilmentNode, nodeByCode, Sku } from '../../inventory/index.ts';
import { Order, orderById } from '../../order/index.ts';
import { HubError } from '../../platform/errors.ts';
import { claimKey, idempotencyOf, keepReply } from '../../platform/api/idempotency.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { ReviewTask } from '../../review/index.ts';
import { readCarrierServices } from '../store/carrier-service-store.ts';
import type { DecisionRow } from '../store/decision-store.ts';
import type { FulfilmentDesk, FulfilmentReport } from '../orders/record-fulfilment.ts';
import { replay } from '../orders/replay-decision.ts';
import type { OrderRouter } from '../orders/route-order.ts';
import { RoutingFeed } from './routing-feed.ts';
import {
  arrivalOfOrder,
  decisionById,
  decisionsOfOrder,
  openOrdersOfNode,
  ruleSetById,
  shipmentById,
  trackingOfShipment,
} from './routing.loaders.ts';
import { ROUTING_REVIEW } from '../orders/review-tasks.ts';
import {
  CarrierService,
  NeedsReview,
  PlannedShipment,
  RecordFulfilmentInput,
  RecordFulfilmentPayload,
  RouteOrderInput,
  RouteOrderPayload,
  RoutingCandidate,
  RoutingDecision,
  RoutingReplay,
  RuleSet,
  RuleSetDraftInput,
  RuleSetInvalid,
  RuleSetPayload,
  ShipmentLine,
  ShipmentNotOpen,
  ShipmentState,
  Unroutable,
} from './routing.types.ts';
import { ShipmentTracking } from './tracking.types.ts';
import { listRuleSets, readRuleSets, saveDraft } from '../store/rule-set-store.ts';

const MAX_RULES = 200;
const MAX_LINES = 100;

@Resolver(() => RoutingDecision)
export class RoutingResolver {
  constructor(
    private readonly router: OrderRouter,
    private readonly desk: FulfilmentDesk,
  ) {}

  @Query(() => RoutingDecision, { nullable: true })
  async routingDecision(
    @Arg('id', () => ID) id: string,
    @Ctx() context: RequestContext,
  ): Promise<RoutingDecision | null> {
    const row = await context.load(decisionById, id.toLowerCase());
    return row && RoutingDecision.of(row);
  }

  @Query(() => RoutingReplay, {
    description:
      'Decides again from the stored inputs and rule set; `identical` is false only where the engine changed.',
  })
  async replayRoutingDecision(
    @Arg('id', () => ID) id: string,
    @Ctx() context: RequestContext,
  ): Promise<RoutingReplay> {
    const row = await context.load(decisionById, id.toLowerCase());
    if (!row) throw new HubError('UNKNOWN_ROUTING_DECISION', `There is no routing decision ${id}.`);
    const [ruleSet] = await readRuleSets(context.em, [row.ruleSetId]);
    const difference = replay(row, ruleSet!);
    return {
      identical: difference === undefined,
      decision: RoutingDecision.of(row),
      difference: difference ?? null,
    };
  }

  @Query(() => [RuleSet], { description: 'Newest first.' })
  async ruleSets(@Ctx() { em }: RequestContext): Promise<RuleSet[]> {
    return (await listRuleSets(em)).map(RuleSet.of);
  }

  @Query(() => [CarrierService])
  carrierServices(@Ctx() { em }: RequestContext): Promise<CarrierService[]> {
    return readCarrierServices(em);
  }

  @Mutation(() => RouteOrderPayload, {
    description: 'Plans the order, and gives its units to the planned nodes.',
  })
  async routeOrder(
    @Arg('input', () => RouteOrderInput) input: RouteOrderInput,
    @Ctx() context: RequestContext,
  ) {
    const call = { actor: context.actor, idempotency: idempotencyOf('routeOrder', input) };
    const orderId = input.orderId.toLowerCase();
    return routePayload(await this.router.route({ orderId, dryRun: input.dryRun ?? false, call }), context);
  }

  @Mutation(() => RecordFulfilmentPayload, {
    description: 'A node answers a planned shipment: acknowledged, rejected with a reason, or shipped.',
  })
  async recordFulfilment(
    @Arg('input', () => RecordFulfilmentInput) input: RecordFulfilmentInput,
    @Ctx() context: RequestContext,
  ): Promise<PlannedShipment | ShipmentNotOpen> {
    const idempotency = idempotencyOf('recordFulfilment', input);
    const reply = await this.desk.record(fulfilmentReport(input), { actor: context.actor, idempotency });
    if (reply.notOpen !== null)
      return Object.assign(new ShipmentNotOpen(), { shipmentId: reply.shipmentId, reason: reply.notOpen });
    const shipment = await context.load(shipmentById, reply.shipmentId);
    const decision = RoutingDecision.of((await context.load(decisionById, shipment!.decisionId))!);
    return decision.shipments.find(({ id }) => id === reply.shipmentId)!;
  }

  @Mutation(() => RuleSetPayload, {
    description: 'Saves rules that nothing is routed by yet, checked as they are saved.',
  })
  createRuleSetDraft(
    @Arg('input', () => RuleSetDraftInput) input: RuleSetDraftInput,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<RuleSet | RuleSetInvalid> {
    const idempotency = idempotencyOf('createRuleSetDraft', input);
    if (input.rules.length > MAX_RULES)
      throw new HubError(
        'TOO_MANY_LINES',
        `A rule set has at most ${MAX_RULES} rules, not ${input.rules.length}.`,
      );
    return em.transactional(async (tx) => {
      const earlier = await claimKey<{ ruleSetId?: string; problems?: RuleSetInvalid['problems'] }>(
        tx,
        actor,
        idempotency,
      );
      const saved = earlier
        ? earlier.ruleSetId
          ? (await readRuleSets(tx, [earlier.ruleSetId]))[0]!
          : { problems: earlier.problems! }
        : await saveDraft(tx, input.rules, actor.name);
      if (!earlier)
        await keepReply(tx, actor, idempotency, 'problems' in saved ? saved : { ruleSetId: saved.id });
      return 'problems' in saved
        ? Object.assign(new RuleSetInvalid(), { problems: [...saved.problems] })
        : RuleSet.of(saved);
    });
  }

  @Subscription(() => RoutingDecision, {
    description:
      'Decisions as they are carried out, from the moment of subscribing; of a node, those that give it work.',
    subscribe: ({ args, context }) =>
      (context as RequestContext).resource(RoutingFeed).watch((args['node'] as string | undefined) ?? null),
  })
  routingDecided(
    @Root() decision: RoutingDecision,
    @Arg('node', () => ID, { nullable: true }) _node: string | null,
  ): RoutingDecision {
    return decision;
  }

  @FieldResolver(() => Order)
  async order(@Root() { orderId }: RoutingDecision, @Ctx() context: RequestContext): Promise<Order> {
    return (await context.load(orderById, orderId))!;
  }

  @FieldResolver(() => RuleSet)
  ruleSet(@Root() { ruleSetId }: RoutingDecision, @Ctx() context: RequestContext): Promise<RuleSet> {
    return context.load(ruleSetById, ruleSetId);
  }
}

@Resolver(() => PlannedShipment)
export class PlannedShipmentResolver {
  @FieldResolver(() => FulfilmentNode)
  node(@Root() { nodeCode }: PlannedShipment, @Ctx() context: RequestContext): Promise<FulfilmentNode> {
    return context.load(nodeByCode, nodeCode) as Promise<FulfilmentNode>;
  }

  @FieldResolver(() => ShipmentState)
  async state(@Root() { id }: PlannedShipment, @Ctx() context: RequestContext): Promise<ShipmentState> {
    const row = await context.load(shipmentById, id);
    return row ? ShipmentState[row.state] : ShipmentState.PROPOSED;
  }

  @FieldResolver(() => String, { nullable: true })
  async trackingNumber(
    @Root() { id }: PlannedShipment,
    @Ctx() context: RequestContext,
  ): Promise<string | null> {
    return (await context.load(shipmentById, id))?.trackingNumber ?? null;
  }

  @FieldResolver(() => ShipmentTracking, {
    nullable: true,
    description: 'Where its parcel is; null while no carrier has told of it.',
  })
  tracking(
    @Root() { id }: PlannedShipment,
    @Ctx() context: RequestContext,
  ): Promise<ShipmentTracking | null> {
    return context.load(trackingOfShipment, id);
  }
}

@Resolver(() => ShipmentLine)
export class ShipmentLineResolver {
  @FieldResolver(() => Sku)
  sku(@Root() { skuCode }: ShipmentLine, @Ctx() context: RequestContext): Promise<Sku> {
    return context.load(existingSku, skuCode);
  }
}

@Resolver(() => RoutingCandidate)
export class RoutingCandidateResolver {
  @FieldResolver(() => FulfilmentNode)
  node(@Root() { nodeCode }: RoutingCandidate, @Ctx() context: RequestContext): Promise<FulfilmentNode> {
    return context.load(nodeByCode, nodeCode) as Promise<FulfilmentNode>;
  }
}

/** What routing adds to orders. */
@Resolver(() => Order)
export class OrderRoutingResolver {
  @FieldResolver(() => [RoutingDecision], { description: 'Oldest first.' })
  async routingDecisions(@Root() { id }: Order, @Ctx() context: RequestContext): Promise<RoutingDecision[]> {
    return (await context.load(decisionsOfOrder, id)).map(RoutingDecision.of);
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: 'Of its last shipment; null while none is planned.',
  })
  estimatedArrival(@Root() { id }: Order, @Ctx() context: RequestContext): Promise<Date | null> {
    return context.load(arrivalOfOrder, id);
  }
}

/** What routing adds to nodes. */
@Resolver(() => FulfilmentNode)
export class NodeWorkResolver {
  @FieldResolver(() => Int, { description: 'Orders with a shipment there that has not left.' })
  openOrders(@Root() { code }: FulfilmentNode, @Ctx() context: RequestContext): Promise<number> {
    return context.load(openOrdersOfNode, code);
  }
}

async function routePayload(row: DecisionRow, { em }: RequestContext) {
  const decision = RoutingDecision.of(row);
  if (decision.outcome === 'UNROUTABLE')
    return Object.assign(new Unroutable(), { decision, reasons: decision.reasons });
  if (decision.outcome !== 'NEEDS_REVIEW' || row.cohort === 'DRY_RUN') return decision;
  const task = await em.findOne(
    ReviewTask,
    { kind: ROUTING_REVIEW, subject: row.orderId },
    { orderBy: { id: 'desc' } },
  );
  // Approved before, so that it went its way at once.
  if (task?.details['decisionId'] !== row.id) return decision;
  return Object.assign(new NeedsReview(), { decision, task });
}

function fulfilmentReport(input: RecordFulfilmentInput): FulfilmentReport {
  if (input.lines && (input.lines.length === 0 || input.lines.length > MAX_LINES))
    throw new HubError(
      'TOO_MANY_LINES',
      `\`lines\` has 1 to ${MAX_LINES} entries, not ${input.lines.length}.`,
    );
  if (input.lines && input.answer === 'ACKNOWLEDGED')
    throw new HubError(
      'BAD_USER_INPUT',
      'A shipment is acknowledged whole: `lines` belongs to the other answers.',
    );
  if (input.reason != null && input.answer !== 'REJECTED')
    throw new HubError('BAD_USER_INPUT', '`reason` belongs to REJECTED.');
  if (input.trackingNumber != null && input.answer !== 'SHIPPED')
    throw new HubError('BAD_USER_INPUT', '`trackingNumber` belongs to SHIPPED.');
  const bad = input.lines?.find(({ quantity }) => quantity < 1);
  if (bad)
    throw new HubError(
      'QUANTITY_OUT_OF_RANGE',
      `A quantity of ${bad.sku} is ${bad.quantity}, not 1 or more.`,
    );
  return {
    shipmentId: input.shipmentId.toLowerCase(),
    answer: input.answer,
    reason: input.reason ?? undefined,
    trackingNumber: input.trackingNumber ?? undefined,
    lines: input.lines ?? undefined,
  };
}
