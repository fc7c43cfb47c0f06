import {
  Arg,
  Args,
  Ctx,
  FieldResolver,
  ID,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { FulfilmentNode, nodeByCode } from '../../inventory/index.ts';
import { Money, Order, orderById } from '../../order/index.ts';
import { unknownError } from '../../platform/unknown-error.ts';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { boundAtStart } from '../../platform/api/subscribe.ts';
import { ReviewTask } from '../../review/index.ts';
import { readCarrierServices } from '../store/carrier-service-store.ts';
import type { DecisionRow } from '../store/decision-store.ts';
import { replay } from '../orders/replay-decision.ts';
import type { OrderRouter } from '../orders/route-order.ts';
import { decisionById, ruleSetById, ruleSetRowById } from './routing.loaders.ts';
import { rulesFor } from '../orders/decide-order.ts';
import type { Decider } from '../workers/decision-pool.ts';
import { ROUTING_REVIEW } from '../orders/review-tasks.ts';
import {
  CarrierService,
  NeedsReview,
  RouteOrderInput,
  RouteOrderPayload,
  RoutingCandidateType,
  RoutingDecision,
  RoutingReplay,
  Unroutable,
} from './routing.types.ts';
import { ListArgs, pageOf } from '../../platform/api/pagination.ts';
import { Cost, SizedBy } from '../../platform/api/list-size.ts';
import { readRuleSets } from '../store/rule-set-store.ts';
import { RuleSet } from './rule-set.types.ts';

@Resolver(() => RoutingDecision)
export class RoutingResolver {
  constructor(
    private readonly router: OrderRouter,
    private readonly decider: Decider,
  ) {}

  @Query(() => RoutingDecision, { nullable: true })
  async routingDecision(
    @Arg('id', () => ID) id: string,
    @Ctx() context: RequestContext,
  ): Promise<RoutingDecision | null> {
    const row = await context.load(decisionById, id.toLowerCase());
    return row && RoutingDecision.of(row);
  }

  @Cost(200)
  @Query(() => RoutingReplay, {
    description:
      'Decides again from the stored inputs and rule set; `identical` is false only where the engine changed.',
  })
  async replayRoutingDecision(
    @Arg('id', () => ID) id: string,
    @Ctx() context: RequestContext,
  ): Promise<RoutingReplay> {
    const row = await context.load(decisionById, id.toLowerCase());
    if (!row) throw unknownError('UNKNOWN_ROUTING_DECISION', id);
    const [ruleSet] = await readRuleSets(context.em, [row.ruleSetId]);
    const difference = await replay(row, ruleSet!, this.decider);
    return {
      identical: difference === undefined,
      decision: RoutingDecision.of(row),
      difference: difference ?? null,
    };
  }

  @SizedBy('first')
  @Query(() => [CarrierService])
  async carrierServices(
    @Args(() => ListArgs) page: ListArgs,
    @Ctx() { em }: RequestContext,
  ): Promise<CarrierService[]> {
    return pageOf(await readCarrierServices(em), page, ({ code }) => code);
  }

  @Cost(10)
  @Mutation(() => RouteOrderPayload, {
    description: 'Plans the order, and gives its units to the planned nodes.',
  })
  async routeOrder(
    @Arg('input', () => RouteOrderInput) input: RouteOrderInput,
    @Ctx() context: RequestContext,
  ) {
    const call = { actor: context.actor, idempotency: idempotencyOf('routeOrder', input, context.requestId) };
    const orderId = input.orderId.toLowerCase();
    return routePayload(await this.router.route({ orderId, dryRun: input.dryRun ?? false, call }), context);
  }

  @Subscription(() => RoutingDecision, {
    description:
      'Decisions as they are carried out, from the moment of subscribing; of a node, those that give it work.',
    subscribe: boundAtStart,
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

  @FieldResolver(() => Money, {
    nullable: true,
    description: 'Cost of the cheapest plan without rules on splits and deadlines.',
  })
  async unconstrainedCost(
    @Root() { row }: RoutingDecision,
    @Ctx() context: RequestContext,
  ): Promise<Money | null> {
    const { input, outcome } = row;
    const amountMinor =
      outcome.unconstrainedCostMinor ??
      (await this.decider.unconstrainedCost({
        input,
        ...rulesFor(row, await context.load(ruleSetRowById, row.ruleSetId)),
      }));
    return amountMinor === null ? null : { amountMinor, currency: outcome.currency };
  }

  @FieldResolver(() => RuleSet)
  ruleSet(@Root() { ruleSetId }: RoutingDecision, @Ctx() context: RequestContext): Promise<RuleSet> {
    return context.load(ruleSetById, ruleSetId);
  }
}

@Resolver(() => RoutingCandidateType)
export class RoutingCandidateResolver {
  @FieldResolver(() => FulfilmentNode)
  node(@Root() { nodeCode }: RoutingCandidateType, @Ctx() context: RequestContext): Promise<FulfilmentNode> {
    return context.load(nodeByCode, nodeCode) as Promise<FulfilmentNode>;
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
