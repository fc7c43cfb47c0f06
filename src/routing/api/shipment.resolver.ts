import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import type { FulfilmentService, FulfilmentReport } from '../orders/record-fulfilment.ts';
import { decisionById, shipmentById, trackingOfShipment } from './routing.loaders.ts';
import { RoutingDecision } from './routing.types.ts';
import {
  PlannedShipmentType,
  RecordFulfilmentInput,
  RecordFulfilmentPayload,
  ShipmentLine,
  ShipmentNotOpen,
  ShipmentStateType,
} from './shipment.types.ts';
import { existingSku, FulfilmentNode, nodeByCode, Sku } from '../../inventory/index.ts';
import { HubError } from '../../platform/errors.ts';
import { ShipmentTracking } from './tracking.types.ts';
import { Cost } from '../../platform/api/list-size.ts';

const MAX_LINES = 100;

@Resolver(() => PlannedShipmentType)
export class PlannedShipmentResolver {
  constructor(private readonly desk: FulfilmentService) {}

  @Cost(10)
  @Mutation(() => RecordFulfilmentPayload, {
    description: 'A node answers a planned shipment: acknowledged, rejected with a reason, or shipped.',
  })
  async recordFulfilment(
    @Arg('input', () => RecordFulfilmentInput) input: RecordFulfilmentInput,
    @Ctx() context: RequestContext,
  ): Promise<PlannedShipmentType | ShipmentNotOpen> {
    const idempotency = idempotencyOf('recordFulfilment', input, context.requestId);
    const reply = await this.desk.record(fulfilmentReport(input), { actor: context.actor, idempotency });
    if (reply.notOpen !== null)
      return Object.assign(new ShipmentNotOpen(), { shipmentId: reply.shipmentId, reason: reply.notOpen });
    const shipment = await context.load(shipmentById, reply.shipmentId);
    const decision = RoutingDecision.of((await context.load(decisionById, shipment!.decisionId))!);
    return decision.shipments.find(({ id }) => id === reply.shipmentId)!;
  }

  @FieldResolver(() => FulfilmentNode)
  node(@Root() { nodeCode }: PlannedShipmentType, @Ctx() context: RequestContext): Promise<FulfilmentNode> {
    return context.load(nodeByCode, nodeCode) as Promise<FulfilmentNode>;
  }

  @FieldResolver(() => ShipmentStateType)
  async state(
    @Root() { id }: PlannedShipmentType,
    @Ctx() context: RequestContext,
  ): Promise<ShipmentStateType> {
    const row = await context.load(shipmentById, id);
    return row ? ShipmentStateType[row.state] : ShipmentStateType.PROPOSED;
  }

  @FieldResolver(() => String, { nullable: true })
  async trackingNumber(
    @Root() { id }: PlannedShipmentType,
    @Ctx() context: RequestContext,
  ): Promise<string | null> {
    return (await context.load(shipmentById, id))?.trackingNumber ?? null;
  }

  @FieldResolver(() => ShipmentTracking, {
    nullable: true,
    description: 'Where its parcel is; null while no carrier has told of it.',
  })
  tracking(
    @Root() { id }: PlannedShipmentType,
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
