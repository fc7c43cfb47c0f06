import type { RestockReason, StockCondition } from '../../model/stock.enums.ts';

/** An order in the words of its channel. */
export interface OrderOfChannel {
  channel: string;
  orderExternalId: string;
}

/** Facts of an order's units of a SKU, in whatever order they came. */
export interface OrderFactSums extends OrderOfChannel {
  sku: string;
  refunded: number;
  returned: number;
  /** Of the order's reservations that the batch has not loaded: units charged with refunds, and units shipped. */
  chargedElsewhere: number;
  shippedElsewhere: number;
}

/** Units that came back at a node. Those that are not counted yet wait for the news that they had been shipped. */
export interface PendingReturn extends OrderOfChannel {
  id: string;
  restockId: string;
  reason: RestockReason;
  orderLineId: string;
  sku: string;
  pool: string;
  node: string;
  condition: StockCondition;
  quantity: number;
  counted: number;
}

/** Facts of orders that a batch knows, and adds to. */
export class LockedOrderFacts {
  private readonly sums: Map<string, OrderFactSums>;
  readonly created: PendingReturn[] = [];
  readonly changed = new Set<PendingReturn>();

  constructor(
    sums: readonly OrderFactSums[],
    private readonly pending: PendingReturn[],
  ) {
    this.sums = new Map(sums.map((row) => [keyOf(row, row.sku), row]));
  }

  of(order: OrderOfChannel, sku: string): OrderFactSums {
    const known = this.sums.get(keyOf(order, sku));
    if (known) return known;
    const { channel, orderExternalId } = order;
    const sums = {
      channel,
      orderExternalId,
      sku,
      refunded: 0,
      returned: 0,
      chargedElsewhere: 0,
      shippedElsewhere: 0,
    };
    this.sums.set(keyOf(order, sku), sums);
    return sums;
  }

  takeReturn(back: PendingReturn): void {
    this.of(back, back.sku).returned += back.quantity;
    this.pending.push(back);
    this.created.push(back);
  }

  /** Returns of which units are not counted yet; in an order of their own, whenever they came. */
  uncounted(order: OrderOfChannel, sku: string): PendingReturn[] {
    return this.pending
      .filter((back) => keyOf(back, back.sku) === keyOf(order, sku) && back.counted < back.quantity)
      .sort((a, b) => rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : 1));
  }

  count(back: PendingReturn, units: number): void {
    back.counted += units;
    if (!this.created.includes(back)) this.changed.add(back);
  }
}

const keyOf = ({ channel, orderExternalId }: OrderOfChannel, sku: string) =>
  JSON.stringify([channel, orderExternalId, sku]);

/** Units that can be sold again come first. */
const rankOf = ({ condition }: PendingReturn) => ['SELLABLE', 'QUARANTINE', 'DAMAGED'].indexOf(condition);
