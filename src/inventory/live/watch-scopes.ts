import type { RequestContext } from '../../platform/request-context.ts';
import { SharedLoader } from '../../platform/shared-loader.ts';
import type { Sku } from '../catalogue.entities.ts';
import { skuByCode } from '../catalogue.loaders.ts';
import type { StockPlace } from '../engine/locked-stock.ts';
import { placesOf, poolOfScope, type PromiseScope } from '../promise-scope.ts';

/** Looks up what subscriptions name, for all that come at the same time together: they come by the thousand. */
export class WatchScopes {
  private readonly pools: SharedLoader<PromiseScope, string>;
  private readonly skus: SharedLoader<string, Sku | null>;

  /** @param contextOf a context for one look-up */
  constructor(contextOf: () => RequestContext) {
    this.pools = new SharedLoader(poolOfScope, contextOf);
    this.skus = new SharedLoader(skuByCode, contextOf);
  }

  /** @throws HubError UNKNOWN_CHANNEL, UNKNOWN_POOL, UNKNOWN_SKU, TOO_MANY_LINES */
  async places(context: RequestContext, skus: readonly string[], scope: PromiseScope): Promise<StockPlace[]> {
    const pool = await this.pools.load(scope);
    return placesOf(context, skus, pool, (code) => this.skus.load(code));
  }
}
