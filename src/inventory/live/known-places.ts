import type { RequestContext } from '../../platform/request-context.ts';
import { placesOf, poolOf } from '../promise-scope.ts';
import type { StockPlace } from '../engine/locked-stock.ts';
import { MAX_SKUS_PER_READ } from '../limits.ts';
import { checkLines } from '../validate.ts';
import type { AtpFeed } from './atp-feed.ts';

/** So long the pool of a channel is taken for what it was: thousands come back at the same time, and it rarely moves. */
const POOL_KNOWN_MS = 1_000;
const MAX_POOLS = 1_000;

/** Finds what subscriptions name, asking the database for what is not known from others that watch already. */
export class KnownPlaces {
  private readonly pools = new Map<string, Promise<string>>();
  private clearing: NodeJS.Timeout | undefined;

  constructor(private readonly feed: AtpFeed) {}

  /** @throws HubError UNKNOWN_CHANNEL, UNKNOWN_POOL */
  async pool(
    context: RequestContext,
    channel: string | null | undefined,
    pool: string | null | undefined,
  ): Promise<string> {
    const key = JSON.stringify([channel ?? null, pool ?? null]);
    const known = this.pools.get(key);
    if (known) return known;
    if (this.pools.size >= MAX_POOLS) this.pools.clear();
    const found = poolOf(context, channel, pool);
    this.pools.set(key, found);
    this.clearing ??= setTimeout(() => this.forget(), POOL_KNOWN_MS).unref();
    found.catch(() => this.pools.delete(key));
    return found;
  }

  /** @throws HubError UNKNOWN_SKU naming all that do not exist; TOO_MANY_LINES */
  async places(context: RequestContext, skus: readonly string[], pool: string): Promise<StockPlace[]> {
    checkLines(skus, 'skus', MAX_SKUS_PER_READ);
    const places = skus.map((sku) => ({ sku, pool }));
    const unseen = places.filter((place) => !this.feed.watches(place)).map(({ sku }) => sku);
    if (unseen.length > 0) await placesOf(context, unseen, pool);
    return places;
  }

  private forget(): void {
    this.clearing = undefined;
    this.pools.clear();
  }
}
