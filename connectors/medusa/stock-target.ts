import { refusedStock, stockTarget } from '../spi/index.ts';
import type { StockCounters, StockTarget, StockToPublish } from '../spi/index.ts';

/** Stock of a variant in Medusa. */
export interface ShopStock {
  isTracked: boolean;
  /** Whether it is sold beyond what there is. */
  allowsBackorder: boolean;
  /** Of what it is made; one unit of one item, unless it is a kit. */
  parts: readonly { inventoryItem: string; requiredQuantity: number; levels: StockCounters['levels'] }[];
}

/** Whose level is written. */
export interface Level {
  inventoryItem: string;
  /** Whether the item has no level at the location yet. */
  isNew: boolean;
}

/** Stock of a SKU in Medusa at one location. */
export interface SkuAtLocation {
  /** Where stock is written; undefined when the shop has no location. */
  location: string | undefined;
  variants: readonly ShopStock[];
}

/** @param kept units of all orders of the shop that have not left */
export function targetOf(
  stock: StockToPublish,
  kept: number,
  { location, variants }: SkuAtLocation,
): StockTarget<Level> {
  const { sku } = stock;
  const [variant, another] = variants;
  if (!variant) return refusedStock(sku, `Medusa has no variant with the SKU ${sku}`);
  if (another) return refusedStock(sku, `several variants of Medusa have the SKU ${sku}`);
  if (!variant.isTracked) return refusedStock(sku, `Medusa does not manage the inventory of ${sku}`);
  if (variant.allowsBackorder) return refusedStock(sku, `Medusa sells ${sku} beyond its stock (backorders)`);
  const [part, ...more] = variant.parts;
  if (!part || more.length > 0 || part.requiredQuantity !== 1)
    return refusedStock(sku, `${sku} is a kit in Medusa: its stock is that of its parts`);
  const { inventoryItem, levels } = part;
  const target = stockTarget('Medusa', stock, kept, { location, threshold: 0, levels });
  if (target.kind !== 'WRITE') return target;
  return { ...target, inventoryItem, isNew: levels.every((level) => level.location !== location) };
}
