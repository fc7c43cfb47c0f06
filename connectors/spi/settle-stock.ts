import { RetriableError } from './errors.ts';
import type { PublishResult, StockToPublish } from './sinks.ts';
import type { StockTarget } from './stock-target.ts';

/** Looks at the source until it stays as written; the writes of others are over in less. */
const MAX_ROUNDS = 8;

/** A source whose counters are set, and may be changed by its own orders meanwhile. */
export interface SettableStock<Where> {
  /**
   * Looks at the source. The counters must be read before the orders: one that is placed between the two is then counted
   * twice, for a moment, and never not at all.
   */
  targets(stock: readonly StockToPublish[], signal: AbortSignal): Promise<StockTarget<Where>[]>;
  write(writes: readonly StockWrite<Where>[], signal: AbortSignal): Promise<void>;
}

export type StockWrite<Where> = Extract<StockTarget<Where>, { kind: 'WRITE' }>;

/**
 * Writes what is not as wanted, and looks again until all is: the source may lose a write, or take an order beside it.
 * @throws RetriableError when it does not stay as written
 */
export async function settleStock<Where>(
  stock: readonly StockToPublish[],
  { targets, write }: SettableStock<Where>,
  signal: AbortSignal,
): Promise<PublishResult[]> {
  const results = new Map<string, PublishResult>();
  let open = stock;
  for (let round = 0; open.length > 0; round++) {
    const found = await targets(open, signal);
    for (const target of found) note(results, target, round);
    const writes = found.filter((target) => target.kind === 'WRITE');
    open = open.filter(({ sku }) => writes.some((one) => one.sku === sku));
    if (writes.length === 0) break;
    if (round === MAX_ROUNDS) throw new RetriableError(keepsMoving(writes.map(({ sku }) => sku)));
    await write(writes, signal);
  }
  return stock.map(({ sku }) => results.get(sku)!);
}

function note(results: Map<string, PublishResult>, target: StockTarget, round: number): void {
  const { sku } = target;
  if (target.kind === 'REFUSED') results.set(sku, { sku, outcome: 'REFUSED', reason: target.reason });
  if (target.kind === 'AS_WANTED')
    results.set(sku, { sku, outcome: round === 0 ? 'UNCHANGED' : 'WRITTEN', sellable: target.sellable });
}

function keepsMoving(skus: readonly string[]): string {
  return `The stock of ${skus.join(', ')} did not stay as written ${MAX_ROUNDS} times.`;
}
