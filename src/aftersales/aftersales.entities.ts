import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Cost } from '../platform/api/list-size.ts';

export enum TicketStatus {
  OPEN = 'OPEN',
  PENDING = 'PENDING',
  SOLVED = 'SOLVED',
  CLOSED = 'CLOSED',
}
registerEnumType(TicketStatus, { name: 'TicketStatus' });

export enum ReturnStatus {
  REQUESTED = 'REQUESTED',
  APPROVED = 'APPROVED',
  RECEIVED = 'RECEIVED',
  REFUNDED = 'REFUNDED',
  REJECTED = 'REJECTED',
}
registerEnumType(ReturnStatus, { name: 'ReturnStatus' });

@Cost(5)
@ObjectType({ description: 'A matter that a customer brought to the help desk.' })
@Entity({ tableName: 'ticket' })
export class Ticket {
  @Field(() => ID)
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'text', fieldName: 'source' })
  sourceId!: string;

  @Field()
  @Property({ type: 'text' })
  externalId!: string;

  @Field()
  @Property({ type: 'text' })
  subject!: string;

  @Field(() => TicketStatus)
  @Property({ type: 'text' })
  status!: TicketStatus;

  @Field(() => Date)
  @Property({ type: 'timestamptz' })
  openedAt!: Date;

  @Field(() => Date)
  @Property({ type: 'timestamptz' })
  updatedAt!: Date;

  @Field(() => ID, { nullable: true })
  @Property({ type: 'text', nullable: true })
  channel!: string | null;

  @Property({ type: 'text', nullable: true })
  orderExternalId!: string | null;

  /** The requester; null when the help desk says nothing that tells people apart. */
  @Property({ type: 'uuid', nullable: true })
  profileId!: string | null;
}

@Cost(5)
@ObjectType({ description: 'Goods of an order that a customer sends back, or wants to.' })
@Entity({ tableName: 'order_return' })
export class Return {
  @Field(() => ID)
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'text', fieldName: 'source' })
  sourceId!: string;

  @Field()
  @Property({ type: 'text' })
  externalId!: string;

  @Property({ type: 'text' })
  channel!: string;

  @Property({ type: 'text' })
  orderExternalId!: string;

  @Field(() => ReturnStatus)
  @Property({ type: 'text' })
  status!: ReturnStatus;

  @Field(() => Date)
  @Property({ type: 'timestamptz' })
  requestedAt!: Date;

  @Field(() => String, { nullable: true })
  @Property({ type: 'text', nullable: true })
  reason!: string | null;
}

@ObjectType()
@Entity({ tableName: 'order_return_line' })
export class ReturnLine {
  @PrimaryKey({ type: 'uuid' })
  returnId!: string;

  @PrimaryKey({ type: 'integer' })
  lineNo!: number;

  @Field()
  @Property({ type: 'text' })
  orderLineExternalId!: string;

  @Field(() => Int)
  @Property({ type: 'integer' })
  quantity!: number;
}
