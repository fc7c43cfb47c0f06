/**
 * Quotas of channels (semantics.md §1), as a pure function of the present state: what order things happened in cannot
 * matter. Quantities are units of one SKU in one pool.
 */

/** POOL: the channel asks before it sells. ESCROW: it keeps its own counter, so only what is set apart for it is its. */
export const SellsFrom = {
  POOL: 'POOL',
  ESCROW: 'ESCROW',
} as const;
export type SellsFrom = keyof typeof SellsFrom;

export interface ChannelQuota {
  channel: string;
  /** Units kept for the channel, as long as the pool has them. */
  exclusive: number;
  /** Units that it has taken since the quota was set and not given back; they use the exclusive part first. */
  used: number;
  /** Units that it may take of the shared part at most; null: as many as there are. */
  sharedCap: number | null;
  /** Its time has passed: what it had not used of its exclusive part is shared. */
  released: boolean;
}

/** A channel as far as its number depends on it. */
export interface SellingChannel {
  code: string;
  sellsFrom: SellsFrom;
}

export interface QuotaSplit {
  /** Units that every channel may take that sells from the pool. */
  shared: number;
  /** Units that only the channel may take. */
  exclusiveFree: ReadonlyMap<string, number>;
}

interface Part {
  channel: string;
  target: number;
  /** The units used of its part, and those still free. */
  granted: number;
}

/**
 * Divides what the pool can promise. Exclusive parts get their target less what is used, before anything is shared.
 * Where that is too much, parts are granted in proportion to their targets, a unit at a time to the channel with the
 * greatest target / (2 × granted + 1), ties by channel code (Sainte-Laguë, with what is used as minimum). The parts always
 * sum to `quantity`; no part shrinks because another channel sells from its own or because the quantity rises, so that
 * a number that was published stays true (ADR 15 has the counter-examples of the method of largest remainders).
 */
export function splitQuota(quantity: number, quotas: readonly ChannelQuota[]): QuotaSplit {
  const parts = quotas
    .map(({ channel, exclusive, used, released }) => ({
      channel,
      // Once released, nothing more is kept for it, and what it gives back is everybody's.
      target: released ? Math.min(used, exclusive) : exclusive,
      granted: Math.min(used, exclusive),
    }))
    .sort((a, b) => (a.channel < b.channel ? -1 : 1));
  const used = new Map(parts.map(({ channel, granted }) => [channel, granted]));
  const wanted = parts.reduce((sum, { target, granted }) => sum + target - granted, 0);
  if (wanted <= quantity) for (const part of parts) part.granted = part.target;
  else grant(parts, quantity);
  return {
    shared: Math.max(0, quantity - wanted),
    exclusiveFree: new Map(parts.map(({ channel, granted }) => [channel, granted - used.get(channel)!])),
  };
}

/** Gives `units` to the parts, fewer than they want. */
function grant(parts: Part[], units: number): void {
  const before = new Map(parts.map((part) => [part, part.granted]));
  const reached = ({ target }: Part, level: number) => Math.min(target, Math.floor(target * level + 0.5));
  const given = (level: number) =>
    parts.reduce((sum, part) => sum + Math.max(0, reached(part, level) - before.get(part)!), 0);
  // Nearly all at once, by the level that all parts reach together, kept a little low against rounding; then one by one.
  let [low, high] = [0, 1];
  for (let step = 0; step < LEVEL_STEPS; step++) {
    const middle = (low + high) / 2;
    if (given(middle) <= units) low = middle;
    else high = middle;
  }
  const level = low * (1 - LEVEL_MARGIN);
  for (const part of parts) part.granted = Math.max(part.granted, reached(part, level));
  for (let left = units - given(level); left > 0; left--) nextOf(parts).granted += 1;
}
const LEVEL_STEPS = 60;
const LEVEL_MARGIN = 1e-12;

function nextOf(parts: readonly Part[]): Part {
  const open = parts.filter(({ target, granted }) => granted < target);
  return open.reduce((best, part) => (comesBefore(part, best) ? part : best));
}

/** BigInt: products of two 32-bit quantities do not fit a double exactly. */
function comesBefore(a: Part, b: Part): boolean {
  return BigInt(a.target) * BigInt(2 * b.granted + 1) > BigInt(b.target) * BigInt(2 * a.granted + 1);
}

/**
 * The quantity that a channel can be promised: its exclusive part, and of the shared one what its cap leaves, unless
 * it sells from escrow alone.
 */
export function availableTo(
  { code, sellsFrom }: SellingChannel,
  quantity: number,
  quotas: readonly ChannelQuota[],
): number {
  if (quotas.length === 0) return sellsFrom === 'POOL' ? quantity : 0;
  const { shared, exclusiveFree } = splitQuota(quantity, quotas);
  const own = exclusiveFree.get(code) ?? 0;
  if (sellsFrom === 'ESCROW') return own;
  const quota = quotas.find(({ channel }) => channel === code);
  return own + (quota ? Math.min(shared, sharedLeft(quota)) : shared);
}

/** Units that the cap of a channel still lets it take of the shared part. */
function sharedLeft({ sharedCap, used, exclusive }: ChannelQuota): number {
  return sharedCap === null ? Infinity : Math.max(0, sharedCap - Math.max(0, used - exclusive));
}
