/**
 * Canonical records: what a mapping must produce from a source row, whatever system the row came from.
 * One record is one fact about one thing of the source; identifiers are the source's own, always strings.
 * Money is in minor units of `currency`; instants are ISO 8601 with zone, dates yyyy-mm-dd.
 */

import type { TrackingEvent } from './sinks.ts';

/** A person as a source names them. Phones and e-mails may be in any notation; the hub normalises them. */
export interface PersonRef {
  name?: string;
  phone?: string;
  email?: string;
  /** The person's id within the channel of the record. */
  channelUserId?: string;
}

export interface SkuRecord {
  code: string;
  title: string;
  weightGrams?: number;
  lengthMm?: number;
  widthMm?: number;
  heightMm?: number;
  temperatureClass?: 'AMBIENT' | 'CHILLED' | 'FROZEN';
}

export interface NodeRecord {
  code: string;
  name: string;
  kind: 'WAREHOUSE' | 'STORE' | 'THIRD_PARTY';
  city: string;
  province?: string;
  latitude?: number;
  longitude?: number;
  /** Orders a day the node can ship. */
  dailyCapacity?: number;
  /** The temperature classes it can store; ambient goods if left out. */
  temperatureClasses?: ('AMBIENT' | 'CHILLED' | 'FROZEN')[];
  /** Whether customers can fetch orders there; a store's counter if left out. */
  pickup?: boolean;
  /** Whether it sends parcels; it does if left out. */
  delivery?: boolean;
  /** Whether it can load a heavy-cargo line. */
  heavyCargo?: boolean;
  /** IANA name; Asia/Shanghai if left out. */
  timeZone?: string;
  /** 1 = Monday … 7 = Sunday; every day if left out. */
  workingWeekdays?: number[];
  /** yyyy-mm-dd: closed. */
  holidays?: string[];
  /** yyyy-mm-dd: open although the weekday is not a working one. */
  extraWorkdays?: string[];
  /** HH:mm local: work taken in before it leaves the same day; 18:00 if left out. */
  cutOff?: string;
  /** The node that gets its work when it does not answer. */
  fallbackNode?: string;
  /** Of a shipment, in minor units of the merchant's currency. */
  handlingCostMinor?: number;
}

/** A price list of a carrier: what a parcel costs, by zone and weight, and how long it takes. */
export interface CarrierServiceRecord {
  code: string;
  kind: 'STANDARD' | 'EXPRESS' | 'HEAVY_CARGO' | 'COLD';
  /** Nodes where it collects; left out: every one. */
  fromNodes?: string[];
  zones: {
    /** A list names destination provinces. */
    match: 'SAME_CITY' | 'SAME_PROVINCE' | 'ANY' | string[];
    /** Price up to `baseGrams`; each begun step beyond costs `perStepMinor`. */
    baseMinor: number;
    baseGrams: number;
    perStepMinor: number;
    transitDaysP50: number;
    transitDaysP90: number;
  }[];
  stepGrams: number;
  /** cm³ per kg. */
  volumetricDivisor: number;
  /** Chargeable weight is rounded up to a multiple of this. */
  roundingGrams: number;
  /** A parcel less dense may not use the service. */
  minDensityKgPerM3?: number;
  temperatureClasses: ('AMBIENT' | 'CHILLED' | 'FROZEN')[];
  currency: string;
}

/** A count of sellable units at a node: a physical fact, never refused. */
export interface StockLevelRecord {
  sku: string;
  node: string;
  onHand: number;
  /** Identifies this count among those of the same shelf, e.g. its time or its file's digest. */
  countId: string;
}

/** Units on their way to a node. */
export interface InboundRecord {
  externalId: string;
  sku: string;
  node: string;
  quantity: number;
  expectedOn: string;
}

export interface CustomerRecord {
  externalId: string;
  name?: string;
  phones: string[];
  emails: string[];
  channelUsers: { channel: string; userId: string }[];
  /** Stated preferences and other profile fields, by name. */
  attributes?: Record<string, string>;
  updatedAt?: string;
}

export interface OrderLineRecord {
  externalId: string;
  sku: string;
  quantity: number;
  unitPriceMinor: number;
}

export interface OrderRecord {
  channel: string;
  externalId: string;
  state: 'PLACED' | 'PAID' | 'SHIPPED' | 'DELIVERED' | 'CLOSED' | 'CANCELLED';
  placedAt: string;
  updatedAt?: string;
  buyer: PersonRef;
  currency: string;
  totalMinor: number;
  deliveryMethod: 'DELIVERY' | 'PICKUP';
  paymentMethod?: string;
  promisedBy?: string;
  shipTo?: {
    province?: string;
    city?: string;
    district?: string;
    street?: string;
    latitude?: number;
    longitude?: number;
  };
  /** −100 to 100; larger is more urgent. */
  priority?: number;
  brand?: string;
  lines: OrderLineRecord[];
}

export interface TicketRecord {
  externalId: string;
  subject: string;
  status: 'OPEN' | 'PENDING' | 'SOLVED' | 'CLOSED';
  openedAt: string;
  updatedAt?: string;
  channel?: string;
  orderExternalId?: string;
  requester: PersonRef;
}

export interface ReturnRecord {
  externalId: string;
  channel: string;
  orderExternalId: string;
  status: 'REQUESTED' | 'APPROVED' | 'RECEIVED' | 'REFUNDED' | 'REJECTED';
  requestedAt: string;
  reason?: string;
  lines: { orderLineExternalId: string; quantity: number }[];
}

/** Money that has gone back to the customer; only settled ones. */
export interface RefundRecord {
  externalId: string;
  channel: string;
  orderExternalId: string;
  settledAt: string;
  /**
   * The fate of units that have been shipped: nothing (NONE, if left out), a return is expected, or came back by
   * proof.
   */
  policy?: 'NONE' | 'EXPECTED_RETURN' | 'SELLABLE_ON_PROOF';
  lines: { orderLineExternalId: string; quantity: number }[];
}

/** An event on a parcel's way. */
export interface TrackingRecord extends TrackingEvent {
  /** The hub's carrier service that the parcel goes by, where its number alone may be another carrier's too. */
  carrier?: string;
}

/** Every entity a stream may feed, with the record it produces. */
export interface RecordByEntity {
  sku: SkuRecord;
  node: NodeRecord;
  carrierService: CarrierServiceRecord;
  stockLevel: StockLevelRecord;
  inbound: InboundRecord;
  customer: CustomerRecord;
  order: OrderRecord;
  ticket: TicketRecord;
  return: ReturnRecord;
  refund: RefundRecord;
  tracking: TrackingRecord;
}
export type EntityName = keyof RecordByEntity;
