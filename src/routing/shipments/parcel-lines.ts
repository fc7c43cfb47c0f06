/** A line of an order, and units of it. */
export interface ParcelLine {
  orderLineExternalId: string;
  quantity: number;
}

interface Units {
  sku: string;
  quantity: number;
}

/**
 * Which lines of an order a parcel's units are of. Nodes know SKUs only, so lines of one SKU are filled in their order, as
 * the quantities of lines are everywhere (order/line-quantities.ts). Units beyond what the lines have are left out.
 * @param before units that left in earlier parcels of the order
 */
export function linesOfParcel(
  orderLines: readonly { externalId: string; sku: string; quantity: number }[],
  before: readonly Units[],
  units: readonly Units[],
): ParcelLine[] {
  const gone = sumBySku(before);
  const inParcel = sumBySku(units);
  return orderLines.flatMap(({ externalId, sku, quantity }) => {
    const earlier = take(gone, sku, quantity);
    const now = take(inParcel, sku, quantity - earlier);
    return now > 0 ? [{ orderLineExternalId: externalId, quantity: now }] : [];
  });
}

function sumBySku(units: readonly Units[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of units) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return sums;
}

/** Removes up to `most` units of a SKU from `left`. @returns how many there were */
function take(left: Map<string, number>, sku: string, most: number): number {
  const taken = Math.min(left.get(sku) ?? 0, most);
  if (taken > 0) left.set(sku, left.get(sku)! - taken);
  return taken;
}
