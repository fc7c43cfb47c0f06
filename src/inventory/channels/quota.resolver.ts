import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import {
  connectionType,
  checkedPageSize,
  decodeCursor,
  encodeCursor,
  PageArgs,
  toConnection,
  type Connection,
} from '../../platform/api/pagination.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { HubError } from '../../platform/errors.ts';
import { unknownError } from '../../platform/unknown-error.ts';
import { claimKey, idempotencyOf, isEmptyReply, storeReply } from '../../platform/api/idempotency.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { AvailableToPromise } from '../availability/api/atp.types.ts';
import { promisableQuantity } from '../model/available-to-promise.ts';
import { Channel } from '../catalogue/catalogue.entities.ts';
import { unknownSkus } from '../engine/steps/require-skus.ts';
import { skuByCode } from '../catalogue/catalogue.loaders.ts';
import { promiseOf } from '../availability/availability.loaders.ts';
import { poolOf, sellingOf } from '../availability/availability-scope.ts';
import { splitQuota } from '../model/split-quota.ts';
import {
  ChannelQuotaType,
  ChannelQuotas,
  ConfigureChannelInput,
  SetChannelQuotasInput,
} from './quota.types.ts';
import { readAtp } from '../availability/read-availability.ts';
import { setQuotas } from './set-quotas.ts';
import { checkLines, checkQuantity, checkTtl } from '../catalogue/validate-input.ts';
import type { BalanceKey } from '../model/balance-key.ts';
import { SizedByFirst, Cost } from '../../platform/api/list-size.ts';

const ChannelQuotaConnection = connectionType('ChannelQuota', () => ChannelQuotaType);

@ArgsType()
class ChannelQuotasArgs extends PageArgs {
  @Field(() => ID)
  channel!: string;
}

/** Places that are signalled one by one. */
const MAX_TOLD = 10_000;

@Resolver(() => ChannelQuotaType)
export class QuotaResolver {
  constructor(
    /** Called with balances whose numbers have moved, after the commit. */
    private readonly onChange: (places: BalanceKey[]) => void,
  ) {}

  @SizedByFirst()
  @Query(() => ChannelQuotaConnection, { description: 'What is kept for a channel, by SKU.' })
  async channelQuotas(
    @Args(() => ChannelQuotasArgs) { channel, first, after }: ChannelQuotasArgs,
    @Ctx() context: RequestContext,
  ): Promise<Connection<ChannelQuotaType>> {
    const size = checkedPageSize(first);
    await sellingOf(context, channel);
    const [sku, pool] = decodeCursor(after, [isText, isText]) ?? ['', ''];
    const rows = await context.em.execute<ChannelQuotaType[]>(
      `select sku, pool, channel, exclusive, used, shared_cap as "sharedCap", release_at as "releaseAt" from channel_quota
       where channel = ? and (sku, pool) > (?, ?) order by sku, pool limit ?`,
      [channel, sku, pool, size + 1],
    );
    const quotas = rows.map((row) =>
      Object.assign(new ChannelQuotaType(), row, { releaseAt: row.releaseAt && new Date(row.releaseAt) }),
    );
    return toConnection(quotas, size, after, (quota) => encodeCursor(quota.sku, quota.pool));
  }

  @FieldResolver(() => Int)
  async free(
    @Root() { sku, pool, channel }: ChannelQuotaType,
    @Ctx() context: RequestContext,
  ): Promise<number> {
    const { figures, quotas } = await context.load(promiseOf, { sku, pool });
    return splitQuota(promisableQuantity(figures), quotas).exclusiveFree.get(channel) ?? 0;
  }

  @Cost(10)
  @Mutation(() => ChannelQuotas, {
    description: 'Keeps units for a channel; they are divided anew at every change of the stock.',
  })
  async setChannelQuotas(
    @Arg('input', () => SetChannelQuotasInput) input: SetChannelQuotasInput,
    @Ctx() context: RequestContext,
  ): Promise<ChannelQuotas> {
    const idempotency = idempotencyOf('setChannelQuotas', input, context.requestId);
    const pool = await poolOf(context, input.channel, input.pool);
    const lines = await checkedLines(input, context);
    const { em, actor } = context;
    const changed = await em.transactional(async (tx) => {
      if (await claimKey(tx, actor, idempotency, isEmptyReply)) return [];
      await storeReply(tx, actor, idempotency, {});
      return setQuotas(tx, { channel: input.channel, pool, lines });
    });
    this.onChange(changed);
    const selling = await sellingOf(context, input.channel);
    const readings = await readAtp(
      em,
      lines.map(({ sku }) => ({ sku, pool })),
    );
    return { atp: readings.map((reading) => AvailableToPromise.of(reading, selling)) };
  }

  @Cost(10)
  @Mutation(() => Channel, {
    description: 'How a channel sells. Who watches its promises is told, within 5 seconds at the latest.',
  })
  async configureChannel(
    @Arg('input', () => ConfigureChannelInput) { code, sellsFrom, holdTtlSeconds }: ConfigureChannelInput,
    @Ctx() { em }: RequestContext,
  ): Promise<Channel> {
    const ttl = holdTtlSeconds == null ? null : checkTtl(holdTtlSeconds);
    let touched: BalanceKey[] = [];
    const rows = await em.transactional(async (tx) => {
      // In the engine's order: every number of the channel may move, and gets a new version.
      if (sellsFrom != null) touched = await touchBalancesOf(tx, code);
      return tx.execute<unknown[]>(
        `update channel set sells_from = coalesce(?, sells_from), hold_ttl_seconds = coalesce(?, hold_ttl_seconds)
       where code = ? returning code`,
        [sellsFrom ?? null, ttl, code],
      );
    });
    if (rows.length === 0) throw unknownError('UNKNOWN_CHANNEL', code);
    this.onChange(touched);
    return em.findOneOrFail(Channel, { code }, { refresh: true });
  }
}

async function checkedLines({ lines }: SetChannelQuotasInput, context: RequestContext) {
  checkLines(lines);
  const skus = lines.map(({ sku }) => sku);
  if (new Set(skus).size < skus.length) throw new HubError('BAD_USER_INPUT', '`lines` names a SKU twice.');
  const found = await context.loadMany(skuByCode, skus);
  const unknown = skus.filter((_sku, index) => found[index] === null);
  if (unknown.length > 0) throw unknownSkus(unknown);
  return lines.map(({ sku, exclusive, sharedCap, releaseAt }, index) => ({
    sku,
    exclusive: checkQuantity(exclusive, `lines[${index}].exclusive`, 0),
    sharedCap: sharedCap == null ? null : checkQuantity(sharedCap, `lines[${index}].sharedCap`, 0),
    releaseAt: releaseAt?.toISOString() ?? null,
  }));
}

/** @returns places to tell of; of very many, the rest is found by those who watch it, within seconds */
async function touchBalancesOf(em: EntityManager, channel: string): Promise<BalanceKey[]> {
  const inPool = 'pool = (select pool from channel where code = ?)';
  await em.execute(`select 1 from stock_balance where ${inPool} order by pool, sku for update`, [channel]);
  return em.execute<BalanceKey[]>(
    `with touched as (
       update stock_balance set commit_counter = commit_counter + 1 where ${inPool} returning sku, pool
     )
     select sku, pool from touched limit ?`,
    [channel, MAX_TOLD],
  );
}

function isText(part: unknown): part is string {
  return typeof part === 'string' && !part.includes('\u0000');
}
