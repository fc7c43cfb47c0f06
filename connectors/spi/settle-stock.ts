import { RetriableError } from './errors.ts';
import type { PublishResult, StockSink, StockToPublish } from './sinks.ts';
import type { StockTarget } from './stock-target.ts';
import { FROM_THE_BEGINNING, sweepPages, type SweepOf } from './sweep.ts';

/** Reads the source again until it stays as written; the writes of others are over in less. */
const MAX_ROUNDS = 8;

/** A source whose counters are set, while its own orders change them. */
export interface SettableStock<Counters, Order, Where> {
  channel: string;
  /** The most SKUs of one publication. */
  maxSkus: number;
  /** Reads the counters of SKUs in the source. */
  counters(skus: readonly string[], signal: AbortSignal): Promise<(sku: string) => Counters>;
  /** At least all orders that have not left, taken in or not. */
  openOrders: SweepOf<Order>;
  /** Units that an order keeps of each SKU, counted as the hub counts them. */
  unitsKept(order: Order): ReadonlyMap<string, number>;
  target(stock: StockToPublish, kept: number, counters: Counters): StockTarget<Where>;
  write(writes: readonly StockWrite<Where>[], signal: AbortSignal): Promise<void>;
}

export type StockWrite<Where> = Extract<StockTarget<Where>, { kind: 'WRITE' }>;

/**
 * Writes what is not as wanted, and looks again until all is: the source may lose a write, or take an order beside it.
 * What does not stay as written is a RetriableError.
 */
export function settlingSink<Counters, Order, Where>(
  source: SettableStock<Counters, Order, Where>,
): StockSink {
  const { channel, maxSkus } = source;
  return {
    channel,
    maxSkus,
    async publishStock(stock, signal) {
      const results = new Map<string, PublishResult>();
      let open = stock;
      for (let round = 0; open.length > 0; round++) {
        const targets = await targetsOf(source, open, signal);
        for (const target of targets) note(results, target, round);
        const writes = targets.filter((target) => target.kind === 'WRITE');
        open = open.filter(({ sku }) => writes.some((write) => write.sku === sku));
        if (writes.length === 0) break;
        if (round === MAX_ROUNDS) throw new RetriableError(keepsMoving(writes.map(({ sku }) => sku)));
        await source.write(writes, signal);
      }
      return stock.map(({ sku }) => results.get(sku)!);
    },
  };
}

/** The counters first: an order that is placed between the two is then counted twice, for a moment, and never not at all. */
async function targetsOf<Counters, Order, Where>(
  source: SettableStock<Counters, Order, Where>,
  stock: readonly StockToPublish[],
  signal: AbortSignal,
): Promise<StockTarget<Where>[]> {
  const counters = await source.counters(
    stock.map(({ sku }) => sku),
    signal,
  );
  const kept = new Map(stock.map(({ sku }) => [sku, 0]));
  for await (const { rows } of sweepPages(source.openOrders, { after: FROM_THE_BEGINNING, skip: 0 }, signal))
    for (const [sku, units] of rows.flatMap((order) => [...source.unitsKept(order)])) {
      const before = kept.get(sku);
      if (before !== undefined) kept.set(sku, before + units);
    }
  return stock.map((one) => source.target(one, kept.get(one.sku)!, counters(one.sku)));
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
