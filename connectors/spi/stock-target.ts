import type { StockToPublish } from './sinks.ts';

/** Counters of a SKU in a source that sells on hand less allocated. */
export interface StockCounters {
  /** Where stock is written; undefined when the source has no location. */
  location: string | undefined;
  /** So many units are never sold; may be negative: so many are sold without stock. */
  threshold: number;
  /** `taken`: units that are on hand and promised to orders of the source. */
  levels: readonly { location: string; onHand: number; taken: number }[];
}

/** The write that a SKU needs; `Where` is what a write needs to know besides. */
export type StockTarget<Where = unknown> =
  | ({ kind: 'WRITE'; sku: string; location: string; onHand: number } & Where)
  | { kind: 'AS_WANTED'; sku: string; sellable: number }
  | { kind: 'REFUSED'; sku: string; reason: string };

/**
 * Computes the on-hand number at which on hand less allocated less threshold is the number to sell. `taken` is taken
 * as it stands, right or not: the difference counts.
 * @param source its name, for the reason of a refusal
 * @param kept units of all orders of the source that have not left; what of them is not taken in is not to be sold again
 */
export function stockTarget(
  source: string,
  { sku, free, takenIn }: StockToPublish,
  kept: number,
  { location, threshold, levels }: StockCounters,
): StockTarget {
  if (location === undefined) return refusedStock(sku, `${source} has no stock location`);
  const notTakenIn = Math.max(0, kept - takenIn);
  const wanted = Math.max(0, free - notTakenIn);
  const here = levels.find((level) => level.location === location);
  const elsewhere = levels
    .filter((level) => level !== here)
    .reduce((sum, { onHand, taken }) => sum + onHand - taken, 0);
  if (elsewhere > wanted)
    return refusedStock(
      sku,
      `other stock locations of ${source} offer ${elsewhere} units of ${sku}; only ${wanted} may be sold`,
    );
  const { onHand: stands = 0, taken = 0 } = here ?? {};
  const onHand = Math.max(0, wanted - elsewhere + taken + threshold);
  if (onHand !== stands) return { kind: 'WRITE', sku, location, onHand };
  return { kind: 'AS_WANTED', sku, sellable: Math.max(0, onHand + elsewhere - taken - threshold) };
}

/** @param reason a sentence without its full stop */
export function refusedStock(sku: string, reason: string): StockTarget<never> {
  return { kind: 'REFUSED', sku, reason: `${reason}.` };
}
