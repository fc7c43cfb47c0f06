import { refusedStock, stockTarget } from '../spi/index.ts';
import type { StockCounters, StockTarget, StockToPublish } from '../spi/index.ts';

/** Whose stock is written. */
export interface Variant {
  variantId: string;
}

/** Stock of a variant in Vendure. */
export interface ShopStock extends StockCounters, Variant {
  isTracked: boolean;
}

/** @param kept units of all orders of the shop that have not left */
export function targetOf(
  stock: StockToPublish,
  kept: number,
  variants: readonly ShopStock[],
): StockTarget<Variant> {
  const { sku } = stock;
  const [variant, another] = variants;
  if (!variant) return refusedStock(sku, `Vendure has no variant with the SKU ${sku}`);
  if (another) return refusedStock(sku, `several variants of Vendure have the SKU ${sku}`);
  if (!variant.isTracked) return refusedStock(sku, `Vendure does not track the inventory of ${sku}`);
  const target = stockTarget('Vendure', stock, kept, variant);
  return target.kind === 'WRITE' ? { ...target, variantId: variant.variantId } : target;
}
