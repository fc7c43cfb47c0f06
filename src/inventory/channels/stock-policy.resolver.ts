import { Arg, Ctx, Field, Float, ID, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import { HubError } from '../../platform/errors.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { claimKey, idempotencyOf, isEmptyReply, storeReply } from '../../platform/api/idempotency.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { AvailableToPromise } from '../availability/api/atp.types.ts';
import { balanceKeysOfSkus, poolOf } from '../availability/availability-scope.ts';
import { setSafetyBuffers } from './set-safety-buffers.ts';
import { readAtp } from '../availability/read-availability.ts';
import { checkLines, checkQuantity } from '../catalogue/validate-input.ts';
import type { BalanceKey } from '../model/balance-key.ts';
import { AssumedSize, Cost } from '../../platform/api/list-size.ts';

@InputType()
export class SafetyBufferLineInput {
  @Field(() => ID)
  sku!: string;
  @Field(() => Int, { nullable: true, defaultValue: 0, description: 'Units to withhold at least.' })
  fixed?: number | null;
  @Field(() => Float, {
    nullable: true,
    defaultValue: 0,
    description: 'Share of on hand to withhold at least, 0 to 1, rounded up to a unit.',
  })
  rate?: number | null;
}

@InputType()
export class SetSafetyBuffersInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID, { nullable: true, description: 'MAIN if left out.' })
  pool?: string | null;
  @Field(() => [SafetyBufferLineInput])
  lines!: SafetyBufferLineInput[];
}

@InputType()
export class SetQuotaRebalancingInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID, { nullable: true, description: 'MAIN if left out.' })
  pool?: string | null;
  @Field(() => [ID])
  skus!: string[];
  @Field(() => Int, {
    nullable: true,
    description: 'Days of sales that the parts follow, 1 to 90; left out, the parts stay as they are set.',
  })
  windowDays?: number | null;
}

@ObjectType()
export class StockPolicy {
  @AssumedSize(100)
  @Field(() => [AvailableToPromise], { description: "The pool's numbers, as they are now." })
  atp!: AvailableToPromise[];
}

/** Settings of a SKU in a pool, whichever channel sells it. */
@Resolver()
export class StockPolicyResolver {
  constructor(
    /** Called with balances whose numbers have moved, after the commit. */
    private readonly onChange: (places: BalanceKey[]) => void,
  ) {}

  @Cost(10)
  @Mutation(() => StockPolicy, {
    description:
      'Withholds units from all channels for urgent use: the greater of a number and a share of on hand.',
  })
  async setSafetyBuffers(
    @Arg('input', () => SetSafetyBuffersInput) input: SetSafetyBuffersInput,
    @Ctx() context: RequestContext,
  ): Promise<StockPolicy> {
    const buffers = checkLines(input.lines).map(({ sku, fixed, rate }, index) => ({
      sku,
      fixed: checkQuantity(fixed ?? 0, `lines[${index}].fixed`, 0),
      rate: checkRate(rate ?? 0, `lines[${index}].rate`),
    }));
    const skus = buffers.map(({ sku }) => sku);
    return this.carryOut('setSafetyBuffers', input, skus, context, (em, pool) =>
      setSafetyBuffers(em, pool, buffers),
    );
  }

  @Cost(10)
  @Mutation(() => StockPolicy, {
    description: 'Whether the exclusive parts of channels follow what they sell, once a day.',
  })
  async setQuotaRebalancing(
    @Arg('input', () => SetQuotaRebalancingInput) input: SetQuotaRebalancingInput,
    @Ctx() context: RequestContext,
  ): Promise<StockPolicy> {
    const skus = [...checkLines(input.skus, 'skus')];
    const { windowDays } = input;
    if (windowDays != null && (windowDays < 1 || windowDays > 90))
      throw new HubError('QUANTITY_OUT_OF_RANGE', `\`windowDays\` must be 1 to 90, was ${windowDays}.`);
    return this.carryOut('setQuotaRebalancing', input, skus, context, async (em, pool) => {
      await em.execute(
        windowDays == null
          ? 'delete from quota_rebalancing where pool = ? and sku in (select jsonb_array_elements_text(?::jsonb))'
          : `insert into quota_rebalancing (pool, window_days, sku) select ?, ?::int, sku
             from jsonb_array_elements_text(?::jsonb) as sku
             on conflict (sku, pool) do update set window_days = excluded.window_days`,
        windowDays == null ? [pool, JSON.stringify(skus)] : [pool, windowDays, JSON.stringify(skus)],
      );
      return [];
    });
  }

  private async carryOut(
    operation: string,
    input: { idempotencyKey: string; pool?: string | null },
    skus: readonly string[],
    context: RequestContext,
    work: (em: EntityManager, pool: string) => Promise<BalanceKey[]>,
  ): Promise<StockPolicy> {
    const idempotency = idempotencyOf(operation, input, context.requestId);
    if (new Set(skus).size < skus.length) throw new HubError('BAD_USER_INPUT', 'A SKU is named twice.');
    const pool = await poolOf(context, null, input.pool);
    const places = await balanceKeysOfSkus(context, skus, pool);
    const { em, actor } = context;
    const changed = await em.transactional(async (tx) => {
      if (await claimKey(tx, actor, idempotency, isEmptyReply)) return [];
      await storeReply(tx, actor, idempotency, {});
      return work(tx, pool);
    });
    this.onChange(changed);
    const readings = await readAtp(em, places);
    return { atp: readings.map((reading) => AvailableToPromise.of(reading, null)) };
  }
}

function checkRate(rate: number, path: string): number {
  if (rate >= 0 && rate <= 1) return rate;
  throw new HubError('QUANTITY_OUT_OF_RANGE', `\`${path}\` must be 0 to 1, was ${rate}.`, { path });
}
