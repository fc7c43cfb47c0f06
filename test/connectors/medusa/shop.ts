/** What the test cases do in a Medusa shop: one that runs, or one that behaves like it. */
export interface MedusaShop {
  /** Address of the server, without `/admin`. */
  url: string;
  apiKey: string;
  addCustomer(person: { firstName: string; lastName: string; email: string; phone: string }): Promise<string>;
  changeCustomer(id: string, change: { phone: string }): Promise<void>;
  deleteCustomer(id: string): Promise<void>;
  /** An order whose payment is authorized; null when the shop says that it has not enough. */
  place(lines: Record<string, number>): Promise<PlacedOrder | null>;
  /** Packs all of it: the units leave Medusa's counters, the order stays open. @returns the id of the fulfilment */
  pack(order: PlacedOrder): Promise<string>;
  ship(order: PlacedOrder, fulfilment: string, trackingNumber?: string): Promise<void>;
  /** The fulfilments of an order, in the order in which they were made. */
  parcelsOf(order: PlacedOrder): Promise<ShopParcel[]>;
  deliver(order: PlacedOrder, fulfilment: string): Promise<void>;
  cancel(order: PlacedOrder): Promise<void>;
  /** Gives back so much of what was paid, in units of the currency. @returns the id of the refund */
  refund(order: PlacedOrder, amount: number): Promise<string>;
  /** A return of units that have left, which waits for them. */
  requestReturn(order: PlacedOrder, sku: string, quantity: number): Promise<string>;
  receiveReturn(id: string, order: PlacedOrder, sku: string, quantity: number): Promise<void>;
  cancelReturn(id: string): Promise<void>;
  /** A claim for units of which money is to be given back; nothing is to come back for it. */
  claim(order: PlacedOrder, sku: string, quantity: number): Promise<string>;
  cancelClaim(id: string): Promise<void>;
  stockOf(sku: string): Promise<{ stocked: number; reserved: number }>;
}

export interface PlacedOrder {
  id: string;
  /** What people call it by: `display_id`. */
  number: string;
  total: number;
  /** By SKU. */
  lines: Record<string, { id: string; quantity: number }>;
}

/** A fulfilment as the shop shows it. */
export interface ShopParcel {
  id: string;
  isShipped: boolean;
  metadata: Record<string, unknown> | null;
  trackingNumbers: string[];
  /** By line. */
  units: Record<string, number>;
}

/** What Medusa answers of a fulfilment, as `ShopParcel`. */
export function shopParcel({
  id,
  shipped_at,
  metadata,
  labels,
  items,
}: {
  id: string;
  shipped_at: string | null;
  metadata: Record<string, unknown> | null;
  labels: readonly { tracking_number: string }[];
  items: readonly { line_item_id: string; quantity: number }[];
}): ShopParcel {
  return {
    id,
    isShipped: shipped_at !== null,
    metadata,
    trackingNumbers: labels.map(({ tracking_number }) => tracking_number),
    units: Object.fromEntries(items.map(({ line_item_id, quantity }) => [line_item_id, quantity])),
  };
}
