import { Arg, Args, Ctx, FieldResolver, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import { HubError } from '../../../platform/errors.ts';
import { RequestContext } from '../../../platform/api/request-context.ts';
import { boundAtStart } from '../../../platform/api/subscribe.ts';
import { AtpDay, AtpUpdate, AvailableToPromise, WatchArgs } from './atp.types.ts';
import { projection } from '../../model/available-to-promise.ts';
import { Sku } from '../../catalogue/catalogue.entities.ts';
import { existingSku } from '../../catalogue/catalogue.loaders.ts';
import { dayIn } from '../../model/day.ts';
import { MAX_PROJECTION_DAYS } from '../../model/limits.ts';
import type { LiveUpdate } from '../live/latest-value-queue.ts';
import { promiseOf, suppliesOf } from '../availability.loaders.ts';
import { balanceKeysOfSkus, poolOf, poolOfScope, sellingOf } from '../availability-scope.ts';
import { availableTo } from '../../model/split-quota.ts';
import type { Timeline } from '../../model/timeline.ts';
import { BeginsWithEventsOf, SizedBy } from '../../../platform/api/list-size.ts';

@Resolver(() => AvailableToPromise)
export class AvailableToPromiseResolver {
  @SizedBy('skus')
  @Query(() => [AvailableToPromise], {
    description:
      "ATP of many SKUs at once, each once, in their order. `channel` applies that channel's quota; without it, the pool's whole ATP.",
  })
  async availableToPromise(
    @Arg('skus', () => [ID]) skus: string[],
    @Arg('channel', () => ID, { nullable: true }) channel: string | null,
    @Arg('pool', () => ID, { nullable: true }) pool: string | null,
    @Ctx() context: RequestContext,
  ): Promise<AvailableToPromise[]> {
    const places = await balanceKeysOfSkus(context, [...new Set(skus)], await poolOf(context, channel, pool));
    const readings = await context.loadMany(promiseOf, places);
    const selling = await sellingOf(context, channel);
    return readings.map((reading) => AvailableToPromise.of(reading, selling));
  }

  @BeginsWithEventsOf('skus')
  @Subscription(() => AtpUpdate, {
    description: `Live ATP. One SNAPSHOT a SKU first, then a CHANGE whenever the number moves, in version order per SKU.
State-based: a slow consumer skips versions, never the latest one (\`coalesced\` counts what it skipped).
\`resume\` carries the versions a client already has: no snapshot for a SKU that has not moved since.`,
    subscribe: boundAtStart,
  })
  async atp(
    @Root() update: LiveUpdate,
    @Args(() => WatchArgs) { channel }: WatchArgs,
    @Ctx() context: RequestContext,
  ): Promise<AtpUpdate> {
    return {
      kind: update.kind,
      atp: AvailableToPromise.of(update.reading, await sellingOf(context, channel)),
      previousVersion: update.previousVersion,
      coalesced: update.coalesced,
    };
  }

  @FieldResolver(() => Sku)
  sku(@Root() atp: AvailableToPromise, @Ctx() context: RequestContext): Promise<Sku> {
    return context.load(existingSku, atp.skuCode);
  }

  @SizedBy('days')
  @FieldResolver(() => [AtpDay], {
    description: 'Cumulative ATP by day, with in-transit, presale and expected returns.',
  })
  async projection(
    @Root() atp: AvailableToPromise,
    @Arg('days', () => Int, { nullable: true, defaultValue: 30 }) wanted: number | null,
    @Ctx() context: RequestContext,
  ): Promise<AtpDay[]> {
    const count = checkQuantityOfDays(wanted ?? 30);
    const days = projection(atp.figures, atp.timeline ?? (await supplyTimeline(atp, context)), count);
    const { selling, quotas } = atp;
    return selling ? days.map((day) => capped(day, availableTo(selling, day.quantity, quotas))) : days;
  }
}

@Resolver(() => Sku)
export class SkuPromiseResolver {
  @FieldResolver(() => AvailableToPromise)
  async availableToPromise(
    @Root() sku: Sku,
    @Arg('channel', () => ID, { nullable: true }) channel: string | null,
    @Arg('pool', () => ID, { nullable: true }) pool: string | null,
    @Ctx() context: RequestContext,
  ): Promise<AvailableToPromise> {
    const place = {
      sku: sku.code,
      pool: await context.load(poolOfScope, { channel: channel ?? null, pool: pool ?? null }),
    };
    const selling = await sellingOf(context, channel);
    return AvailableToPromise.of(await context.load(promiseOf, place), selling);
  }
}

/** Of a SKU of which nothing is promised for later days. */
async function supplyTimeline(
  { skuCode: sku, pool, asOf }: AvailableToPromise,
  context: RequestContext,
): Promise<Timeline> {
  const { timeZone, ...planned } = await context.load(suppliesOf, { sku, pool });
  return { ...planned, today: dayIn(timeZone, asOf), demands: [] };
}

function capped(day: AtpDay, quantity: number): AtpDay {
  return quantity === day.quantity ? day : { ...day, quantity, channelQuota: quantity - day.quantity };
}

function checkQuantityOfDays(days: number): number {
  if (days >= 1 && days <= MAX_PROJECTION_DAYS) return days;
  throw new HubError('QUANTITY_OUT_OF_RANGE', `\`days\` must be 1 to ${MAX_PROJECTION_DAYS}, was ${days}.`);
}
