/** What the test cases do in a Vendure shop: one that runs, or one that behaves like it. */
export interface VendureShop {
  /** Address of the Admin API. */
  url: string;
  apiKey: string;
  addCustomer(person: { firstName: string; lastName: string; email: string; phone: string }): Promise<string>;
  /** A paid order; null when the shop says that it has not enough. */
  place(lines: Record<string, number>): Promise<PlacedOrder | null>;
  /**
   * Packs all of it: the units leave Vendure's counters, the order stays paid.
   * @param trackingCode SF1 if left out
   * @returns the id of the fulfilment
   */
  pack(order: PlacedOrder, trackingCode?: string): Promise<string>;
  moveFulfilment(fulfilment: string, to: 'Shipped' | 'Delivered'): Promise<void>;
  /** Its fulfilments, the earliest first. */
  parcelsOf(order: PlacedOrder): Promise<Parcel[]>;
  cancel(order: PlacedOrder): Promise<void>;
  /** @returns the id of a refund that is pending */
  refund(order: PlacedOrder, sku: string, quantity: number): Promise<string>;
  settleRefund(id: string): Promise<void>;
  stockOf(sku: string): Promise<{ onHand: number; allocated: number }>;
}

/** A fulfilment as Vendure shows it. */
export interface Parcel {
  state: string;
  method: string;
  trackingCode: string;
  lines: { orderLineId: string; quantity: number }[];
}

export interface PlacedOrder {
  id: string;
  code: string;
  /** By SKU. */
  lines: Record<string, { id: string; quantity: number }>;
}
