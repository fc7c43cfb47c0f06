import { z } from 'zod';
import { settlingSink } from '../spi/index.ts';
import type { StockSink, StockWrite } from '../spi/index.ts';
import { rowsBy, type Shop } from './lists.ts';
import { ORDERS_AND_PARCELS, remainingUnits, type MedusaOrder } from './orders.ts';
import { targetOf, type Level, type ShopStock, type SkuAtLocation } from './stock-target.ts';

const MAX_SKUS = 100;

const variantsSchema = z.object({
  variants: z.array(
    z.object({
      sku: z.string(),
      manage_inventory: z.boolean(),
      allow_backorder: z.boolean(),
      inventory_items: z.array(
        z.object({
          required_quantity: z.number(),
          inventory: z.object({
            id: z.string(),
            location_levels: z.array(
              z.object({
                location_id: z.string(),
                stocked_quantity: z.number(),
                reserved_quantity: z.number(),
              }),
            ),
          }),
        }),
      ),
    }),
  ),
});
const VARIANT_FIELDS =
  'sku,manage_inventory,allow_backorder,inventory_items.required_quantity,inventory_items.inventory.id,' +
  'inventory_items.inventory.location_levels.location_id,' +
  'inventory_items.inventory.location_levels.stocked_quantity,' +
  'inventory_items.inventory.location_levels.reserved_quantity';

const locationsSchema = z.object({ stock_locations: z.array(z.object({ id: z.string() })) });

/**
 * Writes the stocked quantity so that what Medusa sells (stocked less reserved) is what the channel may sell less its
 * orders that the hub has not taken in. Those are counted from the orders: what is reserved says nothing of an order
 * that is packed. The counters are looked at again until they agree, because Medusa writes what it has read before.
 */
export function stockSink(shop: Shop): StockSink {
  return settlingSink<SkuAtLocation, MedusaOrder, Level>({
    channel: shop.config.channel,
    maxSkus: MAX_SKUS,
    counters: (skus, signal) => shopStockOf(shop, skus, signal),
    openOrders: rowsBy(shop, ORDERS_AND_PARCELS, 'created_at', { status: ['pending', 'requires_action'] }),
    unitsKept: remainingUnits,
    target: targetOf,
    write: (writes, signal) => writeStock(shop, writes, signal),
  });
}

async function oldestLocation({ client }: Shop, signal: AbortSignal): Promise<string | undefined> {
  const query = { fields: 'id', order: 'created_at', limit: 1 };
  const { data } = await client.get('/stock-locations', query, locationsSchema, signal);
  return data.stock_locations[0]?.id;
}

async function shopStockOf(shop: Shop, skus: readonly string[], signal: AbortSignal) {
  const location = shop.config.stockLocationId ?? (await oldestLocation(shop, signal));
  const query = { sku: skus, fields: VARIANT_FIELDS, limit: 1_000 };
  const { data } = await shop.client.get('/product-variants', query, variantsSchema, signal);
  const rows = data.variants.map((variant): ShopStock & { sku: string } => ({
    sku: variant.sku,
    isTracked: variant.manage_inventory,
    allowsBackorder: variant.allow_backorder,
    parts: variant.inventory_items.map(({ required_quantity, inventory }) => ({
      inventoryItem: inventory.id,
      requiredQuantity: required_quantity,
      levels: inventory.location_levels.map((level) => ({
        location: level.location_id,
        onHand: level.stocked_quantity,
        taken: level.reserved_quantity,
      })),
    })),
  }));
  return (sku: string) => ({ location, variants: rows.filter((row) => row.sku === sku) });
}

async function writeStock(
  { client }: Shop,
  writes: readonly StockWrite<Level>[],
  signal: AbortSignal,
): Promise<void> {
  const levels = (isNew: boolean) =>
    writes
      .filter((write) => write.isNew === isNew)
      .map(({ inventoryItem, location, onHand }) => ({
        inventory_item_id: inventoryItem,
        location_id: location,
        stocked_quantity: onHand,
      }));
  const body = { create: levels(true), update: levels(false) };
  await client.post('/inventory-items/location-levels/batch', body, signal);
}
