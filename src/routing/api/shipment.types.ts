import { Field, ID, InputType, Int, ObjectType, createUnionType, registerEnumType } from 'type-graphql';
import { DeliveryMethod, Money } from '../../order/index.ts';
import type { PlannedShipment as ShipmentOutcome } from '../decide/outcome.ts';
import { ShipmentState } from '../store/shipment-store.ts';
import { AssumedSize } from '../../platform/api/list-size.ts';

/** The states of stored shipments, and of those that a decision only proposes. */
export const ShipmentStateType = { PROPOSED: 'PROPOSED', ...ShipmentState } as const;
export type ShipmentStateType = keyof typeof ShipmentStateType;

registerEnumType(ShipmentStateType, {
  name: 'ShipmentState',
  description:
    'PROPOSED: of a decision that was not carried out. UNANSWERED: taken from a node that did not answer.',
});

export enum FulfilmentAnswer {
  ACKNOWLEDGED = 'ACKNOWLEDGED',
  REJECTED = 'REJECTED',
  SHIPPED = 'SHIPPED',
}

registerEnumType(FulfilmentAnswer, { name: 'FulfilmentAnswer' });

@ObjectType()
export class ShipmentLine {
  /** Resolved to `sku`. */
  skuCode!: string;
  @Field(() => Int)
  quantity!: number;
}

@ObjectType('PlannedShipment', { description: 'What one node is to send, or to hand over, for an order.' })
export class PlannedShipmentType {
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
  @AssumedSize(30)
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

  static of(id: string, shipment: ShipmentOutcome, currency: string): PlannedShipmentType {
    return Object.assign(new PlannedShipmentType(), {
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

@ObjectType({ description: 'The shipment is no longer open. Nothing changed.' })
export class ShipmentNotOpen {
  @Field(() => ID)
  shipmentId!: string;
  @Field()
  reason!: string;
}

export const RecordFulfilmentPayload = createUnionType({
  name: 'RecordFulfilmentPayload',
  types: () => [PlannedShipmentType, ShipmentNotOpen] as const,
});

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
