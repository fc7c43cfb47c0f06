import { GraphQLLocalDate } from 'graphql-scalars';
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import {
  atpTerms,
  promisableQuantity,
  type BalanceFigures,
  type TermKind,
} from '../../model/available-to-promise.ts';
import { availableTo, type ChannelQuota, type SellingChannel } from '../../model/split-quota.ts';
import type { AtpReading } from '../read-availability.ts';
import type { Timeline } from '../../model/timeline.ts';
import { AssumedSize, Cost } from '../../../platform/api/list-size.ts';

const termKinds = {
  ON_HAND: 'ON_HAND',
  ALLOCATED: 'ALLOCATED',
  CONFIRMED: 'CONFIRMED',
  HELD: 'HELD',
  SHORTFALL: 'SHORTFALL',
  FUTURE_DRAW: 'FUTURE_DRAW',
  SAFETY_BUFFER: 'SAFETY_BUFFER',
  CHANNEL_QUOTA: 'CHANNEL_QUOTA',
} as const satisfies Record<TermKind, TermKind>;
registerEnumType(termKinds, { name: 'AtpTermKind' });

const updateKinds = { SNAPSHOT: 'SNAPSHOT', CHANGE: 'CHANGE' } as const;
registerEnumType(updateKinds, { name: 'AtpUpdateKind' });

@ObjectType()
export class AtpTerm {
  @Field(() => termKinds)
  kind!: TermKind;
  @Field(() => Int)
  quantity!: number;
}

@Cost(2)
@ObjectType({
  description: 'Signed parts, cumulative to the day; they sum to `quantity`. The first row is today.',
})
export class AtpDay {
  @Field(() => GraphQLLocalDate)
  on!: string;
  @Field(() => Int)
  quantity!: number;
  @Field(() => Int)
  onHand!: number;
  @Field(() => Int)
  inTransit!: number;
  @Field(() => Int)
  presale!: number;
  @Field(() => Int)
  expectedReturns!: number;
  @Field(() => Int)
  demand!: number;
  @Field(() => Int)
  futureDraw!: number;
  @Field(() => Int)
  shortfall!: number;
  @Field(() => Int)
  safetyBuffer!: number;
  @Field(() => Int)
  channelQuota!: number;
}

@ObjectType({ description: 'What can be promised of a SKU, and why.' })
export class AvailableToPromise {
  /** Resolved to `sku`. */
  skuCode!: string;
  figures!: BalanceFigures;
  quotas!: ChannelQuota[];
  selling!: SellingChannel | null;
  timeline!: Timeline | null;

  @Field(() => ID, { nullable: true })
  channel!: string | null;
  @Field(() => ID)
  pool!: string;
  @Field(() => Int, { description: 'Units that can be promised now; never negative.' })
  quantity!: number;
  @Field({
    description:
      'Fixed-width; versions of one SKU and pool compare as strings; one version names one number per channel.',
  })
  version!: string;
  @Field()
  asOf!: Date;
  @AssumedSize(8)
  @Field(() => [AtpTerm], {
    description: 'The signed addends of `quantity`; their sum is `quantity`, always.',
  })
  terms!: AtpTerm[];

  /** @param selling the channel that asks: its quota caps the number; without one, the pool's whole promise */
  /** How the channel sells is what it was at the reading, whatever its caller has looked up before. */
  static of(reading: AtpReading, channel: Pick<SellingChannel, 'code'> | null): AvailableToPromise {
    const selling = channel && sellingAt(reading, channel.code);
    const whole = promisableQuantity(reading.figures);
    const quantity = selling ? availableTo(selling, whole, reading.quotas) : whole;
    return Object.assign(new AvailableToPromise(), {
      skuCode: reading.sku,
      figures: reading.figures,
      quotas: reading.quotas,
      selling,
      timeline: reading.timeline,
      channel: selling?.code ?? null,
      pool: reading.pool,
      quantity,
      version: reading.version,
      asOf: reading.asOf,
      terms: atpTerms(reading.figures, quantity - whole),
    });
  }
}

function sellingAt({ escrowChannels }: AtpReading, code: string): SellingChannel {
  return { code, sellsFrom: escrowChannels.includes(code) ? 'ESCROW' : 'POOL' };
}

@ObjectType()
export class AtpUpdate {
  @Field(() => updateKinds)
  kind!: keyof typeof updateKinds;
  @Field(() => AvailableToPromise)
  atp!: AvailableToPromise;
  @Field(() => String, { nullable: true, description: 'The version of the last message for this SKU.' })
  previousVersion!: string | null;
  @Field(() => Int, { description: 'Versions skipped since then, because the client was slow.' })
  coalesced!: number;
}

@InputType()
export class AtpVersionInput {
  @Field(() => ID)
  sku!: string;
  @Field()
  version!: string;
}

@ArgsType()
export class WatchArgs {
  @Field(() => [ID])
  skus!: string[];
  @Field(() => ID, { nullable: true })
  channel?: string | null;
  @Field(() => ID, { nullable: true })
  pool?: string | null;
  @Field(() => [AtpVersionInput], { nullable: true })
  resume?: AtpVersionInput[] | null;
}
