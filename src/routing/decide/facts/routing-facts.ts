/**
 * The input of a routing decision as plain JSON values. It is stored whole with each decision, so that a replay sees
 * what the decision saw. Instants are ISO 8601 with zone; money is whole minor units of the order's currency.
 */
export type DeliveryMethod = 'DELIVERY' | 'PICKUP';
export type TemperatureClass = 'AMBIENT' | 'CHILLED' | 'FROZEN';
export type NodeKind = 'WAREHOUSE' | 'STORE' | 'THIRD_PARTY';
export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';
export type CarrierKind = 'STANDARD' | 'EXPRESS' | 'HEAVY_CARGO' | 'COLD';

export interface DestinationFacts {
  province: string;
  city: string;
  district?: string;
  /** Degrees, WGS 84. */
  latitude?: number;
  longitude?: number;
}

/** Weight and size are of one unit. A size of 0 means unknown. */
export interface LineFacts {
  sku: string;
  quantity: number;
  weightGrams: number;
  lengthMm: number;
  widthMm: number;
  heightMm: number;
  temperatureClass: TemperatureClass;
}

export interface OrderFacts {
  id: string;
  channel: string;
  placedAt: string;
  /** When the customer was told the order arrives. */
  promisedBy: string | null;
  valueMinor: number;
  currency: string;
  /** Larger is more urgent. */
  priority: number;
  deliveryMethod: DeliveryMethod;
  destination: DestinationFacts;
  brand?: string;
  /** Nodes that have rejected a shipment of this order, or have not answered it. */
  rejectedBy?: string[];
  /** The only nodes to be considered, where its shipment is being reassigned. */
  onlyNodes?: string[];
  lines: LineFacts[];
}

/** When a node hands parcels over. */
export interface CalendarFacts {
  /** IANA name. */
  timeZone: string;
  /** 1 = Monday … 7 = Sunday. */
  workingWeekdays: number[];
  /** yyyy-mm-dd in the node's time zone: closed. */
  holidays: string[];
  /** yyyy-mm-dd: open although the weekday is not a working one (make-up days around Chinese holidays). */
  extraWorkdays?: string[];
  /** 'HH:mm' local: work taken in before it leaves the same day. */
  cutOff: string;
}

export interface NodeFacts {
  code: string;
  kind: NodeKind;
  city: string;
  province: string;
  /** Degrees, WGS 84. */
  latitude?: number;
  longitude?: number;
  pool: string;
  capabilities: {
    temperatureClasses: TemperatureClass[];
    pickup: boolean;
    delivery: boolean;
    /** Can load a heavy-cargo line; absent means it cannot. */
    heavyCargo?: boolean;
  };
  /** Orders a day; null = no limit. */
  dailyCapacity: number | null;
  openOrders: number;
  calendar: CalendarFacts;
  /** Where work goes when this node does not answer. */
  fallbackNode: string | null;
  breaker: BreakerState;
  /** Per shipment. */
  handlingCostMinor: number;
}

/** Units at a node that no order has been given. */
export interface StockFacts {
  node: string;
  sku: string;
  units: number;
}

/** A list names destination provinces. */
export type ZoneMatch = 'SAME_CITY' | 'SAME_PROVINCE' | 'ANY' | string[];

export interface ZoneFacts {
  match: ZoneMatch;
  /** Price up to `baseGrams`; each begun step beyond costs `perStepMinor`. */
  baseMinor: number;
  baseGrams: number;
  perStepMinor: number;
  transitDaysP50: number;
  transitDaysP90: number;
}

export interface CarrierServiceFacts {
  code: string;
  kind: CarrierKind;
  /** Null: collects at every node. */
  fromNodes: string[] | null;
  zones: ZoneFacts[];
  stepGrams: number;
  /** cm³ per kg: 5000 DHL Express, 6000 SF International. */
  volumetricDivisor: number;
  /** Chargeable weight is rounded up to a multiple of this: 500 for DHL Express. */
  roundingGrams: number;
  /** A parcel less dense may not use the service. */
  minDensityKgPerM3: number | null;
  temperatureClasses: TemperatureClass[];
  currency: string;
}

/** The value of a unit of scarce stock elsewhere; 0 where not given. */
export interface ScarcityFacts {
  node: string;
  sku: string;
  minorPerUnit: number;
}

/** Open orders at a node that count towards a LIMIT rule (`PlannedShipment.countsTowards`); 0 where not given. */
export interface LimitFacts {
  rule: string;
  node: string;
  openOrders: number;
}

export interface RoutingPolicy {
  maxShipments: number;
  /** For each shipment beyond the first. */
  splitPenaltyMinor: number;
  /** For each begun hour that a shipment's p90 arrival lies after the order's promise. */
  latenessMinorPerHour: number;
  /** Straight line; a pickup node in the same city is in reach at any distance. */
  pickupReachKm: number;
  /** Share of orders that a half-open node may get, 0 to 1. */
  halfOpenShare: number;
}
export const defaultPolicy: Readonly<RoutingPolicy> = {
  maxShipments: 3,
  splitPenaltyMinor: 500,
  latenessMinorPerHour: 100,
  pickupReachKm: 30,
  halfOpenShare: 0.05,
};

export interface RoutingInput {
  now: string;
  order: OrderFacts;
  nodes: NodeFacts[];
  stock: StockFacts[];
  carrierServices: CarrierServiceFacts[];
  scarcity?: ScarcityFacts[];
  limitUse?: LimitFacts[];
  policy: RoutingPolicy;
}
