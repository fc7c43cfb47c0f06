import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { AvailableToPromise } from '../availability/api/atp.types.ts';
import { SellsFrom } from '../model/split-quota.ts';
import { AssumedSize } from '../../platform/api/list-size.ts';

@ObjectType('ChannelQuota', { description: 'Units of a SKU that are kept for one channel.' })
export class ChannelQuotaType {
  @Field(() => ID)
  sku!: string;
  @Field(() => ID)
  pool!: string;
  @Field(() => ID)
  channel!: string;
  @Field(() => Int, { description: 'The target: kept as long as the pool has them.' })
  exclusive!: number;
  @Field(() => Int, { description: 'Units that it has taken since the quota was set and not given back.' })
  used!: number;
  @Field(() => Int, { description: 'What it may still sell of it: what can be published to it.' })
  free!: number;
  @Field(() => Int, { nullable: true, description: 'Units of the shared part at most; null: no cap.' })
  sharedCap!: number | null;
  @Field(() => Date, { nullable: true, description: 'From then on its exclusive part is shared.' })
  releaseAt!: Date | null;
}

@ObjectType()
export class ChannelQuotas {
  @AssumedSize(100)
  @Field(() => [AvailableToPromise], { description: "The channel's numbers, as they are now." })
  atp!: AvailableToPromise[];
}

@InputType()
export class ChannelQuotaLineInput {
  @Field(() => ID)
  sku!: string;
  @Field(() => Int, { description: 'Units to keep for the channel; 0 without a cap ends it.' })
  exclusive!: number;
  @Field(() => Int, { nullable: true, description: 'Units that it may take of the shared part at most.' })
  sharedCap?: number | null;
  @Field(() => Date, {
    nullable: true,
    description: 'From then on what it has not used of its exclusive part is shared.',
  })
  releaseAt?: Date | null;
}

@InputType()
export class SetChannelQuotasInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  channel!: string;
  @Field(() => ID, { nullable: true, description: "The channel's own if left out." })
  pool?: string | null;
  @Field(() => [ChannelQuotaLineInput])
  lines!: ChannelQuotaLineInput[];
}

@InputType()
export class ConfigureChannelInput {
  @Field(() => ID)
  code!: string;
  @Field(() => SellsFrom, { nullable: true, description: 'Unchanged if left out.' })
  sellsFrom?: SellsFrom | null;
  @Field(() => Int, { nullable: true, description: 'Unchanged if left out; at most 4 hours.' })
  holdTtlSeconds?: number | null;
}
