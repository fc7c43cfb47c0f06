import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { OrderState } from './order-states.ts';
import { Cost } from '../platform/api/list-size.ts';

export enum DeliveryMethod {
  DELIVERY = 'DELIVERY',
  PICKUP = 'PICKUP',
}
registerEnumType(DeliveryMethod, { name: 'DeliveryMethod' });

@ObjectType()
export class Money {
  @Field(() => GraphQLSafeInt, { description: 'In the smallest unit of the currency.' })
  amountMinor!: number;
  @Field({ description: 'ISO 4217.' })
  currency!: string;
}

@Cost(10)
@ObjectType({ description: 'An order as its channel reports it.' })
@Entity({ tableName: 'sales_order' })
export class Order {
  @Field(() => ID)
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Field(() => ID)
  @Property({ type: 'text' })
  channel!: string;

  @Field()
  @Property({ type: 'text' })
  externalId!: string;

  @Property({ type: 'text', fieldName: 'source' })
  sourceId!: string;

  @Field(() => OrderState)
  @Property({ type: 'text' })
  state!: OrderState;

  @Field(() => Date)
  @Property({ type: 'timestamptz' })
  placedAt!: Date;

  @Property({ type: 'text' })
  currency!: string;

  @Property({ type: 'bigint' })
  totalMinor!: string;

  @Field(() => Date, { nullable: true })
  @Property({ type: 'timestamptz', nullable: true })
  promisedBy!: Date | null;

  @Field(() => DeliveryMethod)
  @Property({ type: 'text' })
  deliveryMethod!: DeliveryMethod;

  @Field(() => String, { nullable: true })
  @Property({ type: 'text', nullable: true })
  paymentMethod!: string | null;

  @Field(() => Int, { description: 'Larger is more urgent.' })
  @Property({ type: 'integer' })
  priority!: number;

  /** The buyer; null when the channel says nothing that tells people apart. */
  @Property({ type: 'uuid', nullable: true })
  profileId!: string | null;
}

@Cost(2)
@ObjectType()
@Entity({ tableName: 'order_line' })
export class OrderLine {
  @Field(() => ID)
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  orderId!: string;

  @Field()
  @Property({ type: 'text' })
  externalId!: string;

  @Property({ type: 'integer' })
  lineNo!: number;

  @Property({ type: 'text', fieldName: 'sku' })
  skuCode!: string;

  @Field(() => Int)
  @Property({ type: 'integer' })
  quantity!: number;

  @Property({ type: 'bigint' })
  unitPriceMinor!: string;

  /** That of its order. */
  @Property({ type: 'text' })
  currency!: string;
}
