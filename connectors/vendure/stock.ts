import { z } from 'zod';
import { settlingSink } from '../spi/index.ts';
import type { StockSink, StockWrite } from '../spi/index.ts';
import { SET_STOCK, VARIANTS } from './documents.ts';
import { ordersBy, remainingUnits, type Shop, type VendureOrder } from './orders.ts';
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
  return settlingSink<ShopStock[], VendureOrder, Variant>({
    channel: shop.config.channel,
    maxSkus: MAX_SKUS,
    counters: (skus, signal) => shopStockOf(shop, skus, signal),
    openOrders: ordersBy(shop, 'orderPlacedAt', {
      state: { notIn: ['Shipped', 'Delivered', 'Cancelled'] },
    }),
    unitsKept: remainingUnits,
    target: targetOf,
    write: (writes, signal) => writeStock(shop, writes, signal),
  });
}

async function shopStockOf({ client, config }: Shop, skus: readonly string[], signal: AbortSignal) {
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
