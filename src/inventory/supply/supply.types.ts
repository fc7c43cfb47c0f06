import { GraphQLLocalDate } from 'graphql-scalars';
import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { Repromise as RepromiseOutcome } from '../engine/command.ts';
import { AssumedSize } from '../../platform/api/list-size.ts';

/** Supply in the public API, and how it counts. */

export enum InboundKind {
  PURCHASE_ORDER = 'PURCHASE_ORDER',
  TRANSFER = 'TRANSFER',
}
registerEnumType(InboundKind, { name: 'InboundKind' });

@ObjectType('Repromise', {
  description:
    'A promise for a later day that could not be kept: it has another day, with an event on its reservation.',
})
export class RepromiseType implements RepromiseOutcome {
  @Field(() => ID)
  reservationId!: string;
  @Field(() => ID)
  sku!: string;
  @Field(() => Int)
  units!: number;
  @Field(() => GraphQLLocalDate)
  promisedBefore!: string;
  @Field(() => GraphQLLocalDate, { nullable: true, description: 'Null while nothing planned can serve it.' })
  promisedOn!: string | null;
}

@ObjectType()
export class InboundLine {
  @Field(() => ID)
  sku!: string;
  @Field(() => Int, { description: 'All of it, received or not.' })
  quantity!: number;
  @Field(() => Int)
  received!: number;
  @Field(() => GraphQLLocalDate)
  availableOn!: string;
}

@ObjectType({ description: 'A purchase order or transfer on its way to a node.' })
export class Inbound {
  @Field(() => InboundKind)
  kind!: InboundKind;
  @Field(() => ID)
  externalId!: string;
  @Field(() => ID)
  node!: string;
  @AssumedSize(100)
  @Field(() => [RepromiseType], { description: 'Promises that this call has moved to another day.' })
  repromised!: RepromiseType[];
  /** Resolved to `lines` and `atp`, as they are now. */
  pool!: string;
  skus!: string[];
}

@ObjectType()
export class PresaleChannel {
  @Field(() => ID)
  channel!: string;
  @Field(() => Int, { nullable: true, description: 'Not limited by itself when null.' })
  cap!: number | null;
  @Field(() => Int)
  sold!: number;
}

@ObjectType()
export class PresaleLine {
  @Field(() => ID)
  sku!: string;
  @Field(() => Int)
  planned!: number;
  @Field(() => GraphQLLocalDate)
  availableOn!: string;
  @Field(() => Int, { description: 'Units reserved in it and not given back.' })
  sold!: number;
}

@ObjectType({ description: 'A sale of goods that are still to come, within its own plan and caps.' })
export class PresaleCampaign {
  @Field(() => ID)
  code!: string;
  @Field(() => ID)
  pool!: string;
  @Field({ description: 'Its supply counts from here on.' })
  startsAt!: Date;
  @Field({ description: 'From here on it sells no more; what it planned still comes.' })
  endsAt!: Date;
  @Field(() => Int, { nullable: true, description: 'Units over all SKUs; not limited when null.' })
  cap!: number | null;
  @Field(() => Int)
  sold!: number;
  @AssumedSize(20)
  @Field(() => [PresaleChannel])
  channels!: PresaleChannel[];
  @AssumedSize(100)
  @Field(() => [PresaleLine])
  lines!: PresaleLine[];
}

@ObjectType()
export class ConfiguredPresale {
  @Field(() => PresaleCampaign, { description: 'As it is now.' })
  campaign!: PresaleCampaign;
  @AssumedSize(100)
  @Field(() => [RepromiseType])
  repromised!: RepromiseType[];
}

@ObjectType({ description: 'Nodes that promise together, and how they look at what is to come.' })
export class PoolPlanning {
  @Field(() => ID)
  code!: string;
  @Field()
  name!: string;
  @Field({ description: 'Days are counted in it.' })
  timeZone!: string;
  @Field(() => Int, {
    description: 'A delivery whose day has passed counts so many days after today …',
  })
  overdueOffsetDays!: number;
  @Field(() => Int, { description: '… until so many days after its own day, then not at all.' })
  overdueFenceDays!: number;
  @Field(() => Float, { description: 'Share of returned units that can be sold again, 0 to 1.' })
  resaleRate!: number;
}

@ObjectType()
export class ConfiguredPool {
  @Field(() => PoolPlanning, { description: 'As it is now.' })
  pool!: PoolPlanning;
  @AssumedSize(100)
  @Field(() => [RepromiseType])
  repromised!: RepromiseType[];
}

@InputType()
export class PlannedLineInput {
  @Field(() => ID)
  sku!: string;
  @Field(() => Int, { description: 'All of it, received or not; 0 to plan it no longer.' })
  quantity!: number;
  @Field(() => GraphQLLocalDate, { description: "In the time zone of the node's pool." })
  availableOn!: string;
}

@InputType({ description: 'Replaces what was said before of the lines named.' })
export class RecordInboundInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => InboundKind)
  kind!: InboundKind;
  @Field(() => ID, { description: "Its id in its own system; a receipt's `inbound` names it." })
  externalId!: string;
  @Field(() => ID)
  node!: string;
  @Field(() => [PlannedLineInput])
  lines!: PlannedLineInput[];
}

@InputType()
export class PresaleChannelCapInput {
  @Field(() => ID)
  channel!: string;
  @Field(() => Int)
  units!: number;
}

@InputType({ description: 'A presale as it is to be: what it no longer names is planned no longer.' })
export class ConfigurePresaleCampaignInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID, { description: 'A receipt of its goods names it as `inbound`.' })
  code!: string;
  @Field(() => ID, { nullable: true })
  pool?: string | null;
  @Field()
  startsAt!: Date;
  @Field()
  endsAt!: Date;
  @Field(() => Int, { nullable: true, description: 'Units over all SKUs; not limited if left out.' })
  cap?: number | null;
  @Field(() => [PresaleChannelCapInput], { nullable: true })
  channelCaps?: PresaleChannelCapInput[] | null;
  @Field(() => [PlannedLineInput])
  lines!: PlannedLineInput[];
}

@InputType({ description: 'What is left out stays as it is.' })
export class ConfigurePoolInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  code!: string;
  @Field(() => Int, { nullable: true, description: '0 to 30.' })
  overdueOffsetDays?: number | null;
  @Field(() => Int, { nullable: true, description: '0 to 365.' })
  overdueFenceDays?: number | null;
  @Field(() => Float, { nullable: true, description: '0 to 1, with at most four decimals.' })
  resaleRate?: number | null;
}
