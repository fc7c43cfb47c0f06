import type { OrderRecord, Source } from '../../../connectors/spi/index.ts';
import { never } from './read-all.ts';
import { mapped, readOn } from './read-source.ts';

/** Units of a SKU that paid orders keep. */
export function unitsOf(orders: readonly OrderRecord[], sku: string): number {
  return orders
    .filter(({ state }) => state === 'PAID')
    .flatMap(({ lines }) => lines)
    .filter((line) => line.sku === sku)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}

/** The hub, as far as a channel's share of one SKU is concerned. */
export class HubOfOneSku {
  private readonly orders = new Map<string, OrderRecord>();
  private cursor: Awaited<ReturnType<typeof readOn>>['cursor'] | null = null;

  constructor(
    private readonly source: Source,
    private readonly sku: string,
    public share: number,
  ) {}

  taken(): number {
    return unitsOf([...this.orders.values()], this.sku);
  }

  async takeIn(): Promise<void> {
    const { records, cursor } = await readOn(this.source, 'orders', this.cursor);
    this.cursor = cursor;
    for (const order of (await mapped(this.source, 'orders', records)) as OrderRecord[])
      this.orders.set(order.externalId, order);
  }

  async publish() {
    const takenIn = this.taken();
    const free = Math.max(0, this.share - takenIn);
    const [result] = await this.source.stock!.publishStock([{ sku: this.sku, free, takenIn }], never);
    return result;
  }
}
