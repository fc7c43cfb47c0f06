/** A SKU in a pool: what ATP is known of. */
export interface BalanceKey {
  sku: string;
  pool: string;
}

export const balanceKeyString = (sku: string, pool: string) => `${pool}\u0000${sku}`;
