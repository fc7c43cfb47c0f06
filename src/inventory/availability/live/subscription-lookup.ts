import type { RequestContext } from '../../../platform/api/request-context.ts';
import { CrossRequestLoader } from '../../../platform/api/cross-request-loader.ts';
import type { Sku } from '../../catalogue/catalogue.entities.ts';
import { skuByCode } from '../../catalogue/catalogue.loaders.ts';
import { balanceKeysOfSkus, poolOfScope, type AtpScope } from '../availability-scope.ts';
import { MAX_SKUS_PER_READ } from '../../model/limits.ts';
import { checkLines } from '../../catalogue/validate-input.ts';
import type { AtpFeed } from './atp-feed.ts';
import type { BalanceKey } from '../../model/balance-key.ts';

/**
 * Finds what subscriptions name. They come by the thousand at the same time: the database is asked for what is not
 * known from others that watch already, and for all of them together.
 */
export class SubscriptionLookup {
  private readonly pools: CrossRequestLoader<AtpScope, string>;
  private readonly skus: CrossRequestLoader<string, Sku | null>;

  /** @param contextOf a context for one look-up */
  constructor(
    private readonly feed: AtpFeed,
    contextOf: () => RequestContext,
  ) {
    this.pools = new CrossRequestLoader(poolOfScope, contextOf);
    this.skus = new CrossRequestLoader(skuByCode, contextOf);
  }

  /** @throws HubError UNKNOWN_CHANNEL, UNKNOWN_POOL */
  pool(channel: string | null | undefined, pool: string | null | undefined): Promise<string> {
    return this.pools.load({ channel: channel ?? null, pool: pool ?? null });
  }

  /** @throws HubError UNKNOWN_SKU naming all that do not exist; TOO_MANY_LINES */
  async places(context: RequestContext, skus: readonly string[], pool: string): Promise<BalanceKey[]> {
    checkLines(skus, 'skus', MAX_SKUS_PER_READ);
    const places = skus.map((sku) => ({ sku, pool }));
    const unseen = places.filter((place) => !this.feed.watches(place)).map(({ sku }) => sku);
    if (unseen.length > 0) await balanceKeysOfSkus(context, unseen, pool, (code) => this.skus.load(code));
    return places;
  }
}
