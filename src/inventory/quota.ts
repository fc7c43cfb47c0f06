/**
 * Quotas of channels (semantics.md §1), as a pure function of the present state: what order things happened in cannot
 * matter. Quantities are units of one SKU in one pool.
 */

/** POOL: the channel asks before it sells. ESCROW: it keeps its own counter, so only what is set apart for it is its. */
export type SellsFrom = 'POOL' | 'ESCROW';

export interface ChannelQuota {
  channel: string;
  /** Units kept for the channel, as long as the pool has them. */
  exclusive: number;
  /** Units that the channel has open: held, confirmed or allocated; they use the exclusive part first. */
  used: number;
}

export interface QuotaSplit {
  /** Units that every channel may take that sells from the pool. */
  shared: number;
  /** Units that only the channel may take. */
  exclusiveFree: ReadonlyMap<string, number>;
}

/**
 * Divides what the pool can promise. Exclusive parts get their target less what is used, before anything is shared;
 * where that is too much, they get it in proportion, by largest remainder, ties by channel code. So the parts always
 * sum to `quantity`: when it falls the shared part shrinks first, when it rises the exclusive ones refill first.
 */
export function splitQuota(quantity: number, quotas: readonly ChannelQuota[]): QuotaSplit {
  const wants = quotas
    .map(({ channel, exclusive, used }) => ({ channel, units: Math.max(0, exclusive - used) }))
    .sort((a, b) => (a.channel < b.channel ? -1 : 1));
  const wanted = wants.reduce((sum, { units }) => sum + units, 0);
  if (wanted <= quantity)
    return {
      shared: quantity - wanted,
      exclusiveFree: new Map(wants.map(({ channel, units }) => [channel, units])),
    };
  // BigInt: products of two 32-bit quantities do not fit a double exactly.
  const parts = wants.map(({ channel, units }) => {
    const product = BigInt(quantity) * BigInt(units);
    return { channel, units: Number(product / BigInt(wanted)), remainder: product % BigInt(wanted) };
  });
  const left = quantity - parts.reduce((sum, { units }) => sum + units, 0);
  const byRemainder = parts.toSorted((a, b) =>
    a.remainder === b.remainder ? 0 : a.remainder > b.remainder ? -1 : 1,
  );
  for (const part of byRemainder.slice(0, left)) part.units += 1;
  return { shared: 0, exclusiveFree: new Map(parts.map(({ channel, units }) => [channel, units])) };
}

/** What a channel can be promised: its exclusive part, and the shared one unless it sells from escrow alone. */
export function availableTo(
  channel: string,
  sellsFrom: SellsFrom,
  quantity: number,
  quotas: readonly ChannelQuota[],
): number {
  if (quotas.length === 0) return sellsFrom === 'POOL' ? quantity : 0;
  const { shared, exclusiveFree } = splitQuota(quantity, quotas);
  return (exclusiveFree.get(channel) ?? 0) + (sellsFrom === 'POOL' ? shared : 0);
}
