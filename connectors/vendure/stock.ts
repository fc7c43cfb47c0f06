import { z } from 'zod';
import { FROM_THE_BEGINNING, settleStock, sweepPages } from '../spi/index.ts';
import type { StockSink, StockTarget, StockToPublish, StockWrite } from '../spi/index.ts';
import { SET_STOCK, VARIANTS } from './documents.ts';
import { ordersBy, unitsKept, type Shop } from './orders.ts';
import { targetOf, type ShopStock, type Variant } from './stock-target.ts';

const MAX_SKUS = 100;

const shopStockSchema = z.object({
  globalSettings: z.object({ trackInventory: z.boolean(), outOfStockThreshold: z.int() }),
  stockLocations: z.object({ items: z.array(z.object({ id: z.string() })) }),
  productVariants: z.object({
    items: z.array(
      z.object({
        id: z.string(),
        sku: z.string(),
        trackInventory: z.enum(['TRUE', 'FALSE', 'INHERIT']),
        outOfStockThreshold: z.int(),
        useGlobalOutOfStockThreshold: z.boolean(),
        stockLevels: z.array(
          z.object({ stockLocationId: z.string(), stockOnHand: z.int(), stockAllocated: z.int() }),
        ),
      }),
    ),
  }),
});

/**
 * Writes on hand so that what Vendure sells (on hand less allocated) is what the channel may sell less its orders that
 * the hub has not taken in. Vendure adds to its counters by reading and writing them, and loses updates: so orders are
 * counted from the orders themselves, and the counters are looked at again until they agree.
 */
export function stockSink(shop: Shop): StockSink {
  return {
    channel: shop.config.channel,
    maxSkus: MAX_SKUS,
    publishStock: (stock, signal) =>
      settleStock(
        stock,
        {
          targets: (open, ending) => targetsOf(shop, open, ending),
          write: (writes, ending) => writeStock(shop, writes, ending),
        },
        signal,
      ),
  };
}

async function targetsOf(
  shop: Shop,
  stock: readonly StockToPublish[],
  signal: AbortSignal,
): Promise<StockTarget<Variant>[]> {
  const counters = await shopStockOf(shop, stock, signal);
  const kept = await unitsOfOpenOrders(shop, new Set(stock.map(({ sku }) => sku)), signal);
  return stock.map((one) => targetOf(one, kept.get(one.sku) ?? 0, counters(one.sku)));
}

async function shopStockOf({ client, config }: Shop, stock: readonly StockToPublish[], signal: AbortSignal) {
  const skus = stock.map(({ sku }) => sku);
  const { data } = await client.ask(VARIANTS, { skus, take: 1_000 }, shopStockSchema, signal);
  const { globalSettings, stockLocations, productVariants } = data;
  const location = config.stockLocationId ?? stockLocations.items[0]?.id;
  return (sku: string): ShopStock[] =>
    productVariants.items
      .filter((variant) => variant.sku === sku)
      .map(({ id, trackInventory, stockLevels, ...variant }) => ({
        variantId: id,
        location,
        isTracked: trackInventory === 'INHERIT' ? globalSettings.trackInventory : trackInventory === 'TRUE',
        threshold: variant.useGlobalOutOfStockThreshold
          ? globalSettings.outOfStockThreshold
          : variant.outOfStockThreshold,
        levels: stockLevels.map(({ stockLocationId, stockOnHand, stockAllocated }) => ({
          location: stockLocationId,
          onHand: stockOnHand,
          taken: stockAllocated,
        })),
      }));
}

/** Units of orders that have not left, taken in or not, counted as the hub counts them. */
async function unitsOfOpenOrders(shop: Shop, skus: ReadonlySet<string>, signal: AbortSignal) {
  const kept = new Map<string, number>();
  const where = { state: { notIn: ['Shipped', 'Delivered', 'Cancelled'] } };
  const orders = sweepPages(
    ordersBy(shop, 'orderPlacedAt', where),
    { after: FROM_THE_BEGINNING, skip: 0 },
    signal,
  );
  for await (const { rows } of orders)
    for (const order of rows)
      for (const [sku, units] of unitsKept(order))
        if (skus.has(sku)) kept.set(sku, (kept.get(sku) ?? 0) + units);
  return kept;
}

async function writeStock(
  { client }: Shop,
  writes: readonly StockWrite<Variant>[],
  signal: AbortSignal,
): Promise<void> {
  const input = writes.map(({ variantId, location, onHand }) => ({
    id: variantId,
    stockLevels: [{ stockLocationId: location, stockOnHand: onHand }],
  }));
  await client.ask(SET_STOCK, { input }, z.unknown(), signal);
}
