/**
 * The writes that a source can be sent. All writes are idempotent: the hub repeats them until it has been answered.
 * Failures are thrown as `RetriableError` or `FatalError`; what only one SKU is at fault for is said in its result. A
 * `FatalError` of a message or a fulfilment is taken for a refusal of that one where `check` says that the source can
 * be used: it is kept for a person, and the others go on.
 */

/** The quantity that a channel with a counter of its own may sell of a SKU. */
export interface StockToPublish {
  sku: string;
  /** Units of its exclusive part that nobody has: what it may sell beyond the orders that the hub has taken in. */
  free: number;
  /** Units of its orders that the hub has taken in and that have not left: the source's own counter holds them too. */
  takenIn: number;
}

export type PublishResult =
  /** `sellable`: what the source offers now, read back after the write. */
  | { sku: string; outcome: 'WRITTEN' | 'UNCHANGED'; sellable: number }
  /** The source does not know the SKU, or keeps no stock of it. */
  | { sku: string; outcome: 'REFUSED'; reason: string };

/**
 * Publishes what a channel may sell: exclusive free less its orders that were not taken in yet. A sale that the hub has
 * not read must never be erased by a write, so the source's counter is set to what it may sell plus what its own orders
 * hold, or in whatever way its API makes safe; and it is read back, because a source may lose updates.
 */
export interface StockSink {
  /** The hub's channel whose exclusive part it is. */
  readonly channel: string;
  /** The most SKUs of one call. */
  readonly maxSkus: number;
  publishStock(stock: readonly StockToPublish[], signal: AbortSignal): Promise<PublishResult[]>;
}

/** A word to the customer, in the place where the source keeps its conversation. */
export interface OutgoingMessage {
  /** The same message, told again, is one message. */
  idempotencyKey: string;
  ticketExternalId?: string;
  orderExternalId?: string;
  text: string;
}

export interface MessageSink {
  pushMessage(message: OutgoingMessage, signal: AbortSignal): Promise<{ externalId: string }>;
}

/** A parcel that has left. */
export interface OutgoingFulfilment {
  /** The same parcel, told again, is one parcel. */
  idempotencyKey: string;
  orderExternalId: string;
  /** As the source names them, with the units that are in the parcel. */
  lines: readonly { orderLineExternalId: string; quantity: number }[];
  /** The code of the hub's carrier service; none where the goods were handed over at a counter. */
  carrier?: string;
  trackingNumber?: string;
}

export interface FulfilmentSink {
  pushFulfilment(fulfilment: OutgoingFulfilment, signal: AbortSignal): Promise<{ externalId: string }>;
}

export interface TrackingEvent {
  trackingNumber: string;
  status: 'INFO_RECEIVED' | 'IN_TRANSIT' | 'OUT_FOR_DELIVERY' | 'DELIVERED' | 'EXCEPTION' | 'RETURNED';
  /** ISO 8601 with zone. */
  at: string;
  /** As the carrier says it. */
  text: string;
  place?: string;
}

/** A parcel that is asked for. */
export interface TrackedParcel {
  /** The code of the hub's carrier service. */
  carrier: string;
  trackingNumber: string;
  /** The last four digits of the buyer's phone, which some carriers want to be told. */
  phoneTail?: string;
}

export interface Tracking {
  /** The most numbers of one call. */
  readonly maxNumbers: number;
  /**
   * All events known of the parcels, oldest first; a parcel that the carrier does not know has none. The hub asks for all
   * that are under way, each every half an hour at most, whoever carries them.
   */
  track(parcels: readonly TrackedParcel[], signal: AbortSignal): Promise<TrackingEvent[]>;
}
