import { unknownError } from '../../platform/unknown-error.ts';
import type { LoaderDefinition, RequestContext } from '../../platform/api/request-context.ts';
import { Channel, Pool } from '../catalogue/catalogue.entities.ts';
import { skuByCode } from '../catalogue/catalogue.loaders.ts';
import { unknownSkus } from '../engine/steps/require-skus.ts';
import { MAX_SKUS_PER_READ } from '../model/limits.ts';
import type { SellingChannel } from '../model/split-quota.ts';
import { checkLines } from '../catalogue/validate-input.ts';
import { DEFAULT_POOL } from '../model/default-pool.ts';
import type { BalanceKey } from '../model/balance-key.ts';

/** The pool and channel that a call names: a pool, a channel whose pool is meant, both, or neither. */
export interface AtpScope {
  channel: string | null;
  pool: string | null;
}

/** The pool that a call means. Once an operation, however many SKUs ask. */
export const poolOfScope: LoaderDefinition<AtpScope, string> = {
  cacheKey: ({ channel, pool }) => JSON.stringify([channel, pool]),
  batch: async (scopes, { em }) => {
    const channels = await em.find(Channel, {
      code: { $in: scopes.flatMap(({ channel }) => channel ?? []) },
    });
    const pools = await em.find(Pool, { code: { $in: scopes.flatMap(({ pool }) => pool ?? []) } });
    return scopes.map(({ channel, pool }) => {
      const named = channels.find(({ code }) => code === channel);
      if (channel !== null && !named) return unknownError('UNKNOWN_CHANNEL', channel);
      if (pool !== null && !pools.some(({ code }) => code === pool))
        return unknownError('UNKNOWN_POOL', pool);
      return pool ?? named?.pool ?? DEFAULT_POOL;
    });
  },
};

/** How a channel sells; looked up once an operation, and once a subscription, whose messages are many. */
const sellingChannel: LoaderDefinition<string, SellingChannel> = {
  batch: async (codes, { em }) => {
    const rows = await em.execute<SellingChannel[]>(
      `select code, sells_from as "sellsFrom" from channel where code in (select jsonb_array_elements_text(?::jsonb))`,
      [JSON.stringify(codes)],
    );
    return codes.map(
      (code) => rows.find((row) => row.code === code) ?? unknownError('UNKNOWN_CHANNEL', code),
    );
  },
};

/** @throws HubError UNKNOWN_CHANNEL */
export async function sellingOf(
  context: RequestContext,
  channel: string | null | undefined,
): Promise<SellingChannel | null> {
  return channel == null ? null : context.load(sellingChannel, channel);
}

/** @throws HubError UNKNOWN_CHANNEL, UNKNOWN_POOL */
export function poolOf(
  context: RequestContext,
  channel: string | null | undefined,
  pool: string | null | undefined,
): Promise<string> {
  return context.load(poolOfScope, { channel: channel ?? null, pool: pool ?? null });
}

/**
 * The places of SKUs in a pool, in the order given.
 * @param loadSku by default within the operation
 * @throws HubError UNKNOWN_SKU naming all that do not exist; TOO_MANY_LINES
 */
export async function balanceKeysOfSkus(
  context: RequestContext,
  skus: readonly string[],
  pool: string,
  loadSku: (code: string) => Promise<unknown> = (code) => context.load(skuByCode, code),
): Promise<BalanceKey[]> {
  checkLines(skus, 'skus', MAX_SKUS_PER_READ);
  const found = await Promise.all(skus.map(loadSku));
  const unknown = skus.filter((_sku, index) => found[index] === null);
  if (unknown.length > 0) throw unknownSkus([...new Set(unknown)]);
  return skus.map((sku) => ({ sku, pool }));
}
