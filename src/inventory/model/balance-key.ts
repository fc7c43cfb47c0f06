/** A SKU in a pool: what ATP is known of. */
export interface StockPlace {
  sku: string;
  pool: string;
}

export const balanceKey = (sku: string, pool: string) => `${pool}\u0000${sku}`;
