import type { StockToPublish } from '../spi/index.ts';

/** What Vendure has of a variant. */
export interface ShopStock {
  variantId: string;
  /** Where stock is written; undefined when the shop has no location. */
  location: string | undefined;
  isTracked: boolean;
  /** So many units are never sold; may be negative: so many are sold without stock. */
  threshold: number;
  levels: readonly { stockLocationId: string; stockOnHand: number; stockAllocated: number }[];
}

export type Target =
  | { kind: 'WRITE'; sku: string; variantId: string; location: string; onHand: number }
  | { kind: 'AS_WANTED'; sku: string; sellable: number }
  | { kind: 'REFUSED'; sku: string; reason: string };

/**
 * What on hand must be, so that on hand less allocated less threshold is what may be sold. `allocated` is taken as it
 * stands, right or not: the difference counts.
 * @param kept units of all orders of the shop that have not left; what of them is not taken in is not to be sold again
 */
export function stockTarget(
  { sku, free, takenIn }: StockToPublish,
  kept: number,
  variants: readonly ShopStock[],
): Target {
  const [variant, another] = variants;
  if (!variant) return refused(sku, `Vendure has no variant with the SKU ${sku}`);
  if (another) return refused(sku, `several variants of Vendure have the SKU ${sku}`);
  if (!variant.isTracked) return refused(sku, `Vendure does not track the inventory of ${sku}`);
  const { variantId, location, threshold, levels } = variant;
  if (location === undefined) return refused(sku, 'Vendure has no stock location');
  const notTakenIn = Math.max(0, kept - takenIn);
  const wanted = Math.max(0, free - notTakenIn);
  const here = levels.find(({ stockLocationId }) => stockLocationId === location);
  const elsewhere = levels
    .filter((level) => level !== here)
    .reduce((sum, { stockOnHand, stockAllocated }) => sum + stockOnHand - stockAllocated, 0);
  if (elsewhere > wanted)
    return refused(
      sku,
      `other stock locations of Vendure offer ${elsewhere} units of ${sku}; only ${wanted} may be sold`,
    );
  const { stockOnHand = 0, stockAllocated = 0 } = here ?? {};
  const onHand = Math.max(0, wanted - elsewhere + stockAllocated + threshold);
  if (onHand !== stockOnHand) return { kind: 'WRITE', sku, variantId, location, onHand };
  return { kind: 'AS_WANTED', sku, sellable: Math.max(0, onHand + elsewhere - stockAllocated - threshold) };
}

function refused(sku: string, reason: string): Target {
  return { kind: 'REFUSED', sku, reason: `${reason}.` };
}
