/** Delivery options of carriers from a node to the order's destination: zone, price, arrival. */
import { ceilDivide, chargeableGrams, type ParcelSize } from './chargeable-weight.ts';
import type { CarrierServiceFacts, NodeFacts, OrderFacts, ZoneFacts } from '../facts/routing-facts.ts';
import { sameCity, samePlace, sameProvince } from './geography.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A preference of a rule, for the lines to which it applies. */
export interface CarrierPreference {
  rule: string;
  /** Minor units for the whole order. */
  weight: number;
  /** By line. */
  applies: boolean[];
}

/** A way for a parcel to leave a node. */
export interface DeliveryOption {
  /** Null: the customer picks it up. */
  carrier: { service: CarrierServiceFacts; zone: ZoneFacts } | null;
  /** Epoch ms; p90, which the promise uses, and p50. */
  promisedBy: number;
  estimatedArrival: number;
  /** Begun hours of `promisedBy` after the order's promise. */
  lateHours: number;
  /** By line: why its units may not go this way, null where they may. */
  blockedBy: (string | null)[];
  preferences: CarrierPreference[];
}

type Schedule = Pick<DeliveryOption, 'promisedBy' | 'estimatedArrival' | 'lateHours'>;

/** A lane: carrier service and its zone for the destination, with arrival times. */
export interface Lane extends Schedule {
  service: CarrierServiceFacts;
  zone: ZoneFacts;
}

/** The services that collect at the node, reach the destination and charge in the order's currency. */
export function lanesFrom(
  node: NodeFacts,
  order: OrderFacts,
  services: readonly CarrierServiceFacts[],
  dispatch: number,
): Lane[] {
  return services.flatMap((service) => {
    if (service.fromNodes !== null && !service.fromNodes.includes(node.code)) return [];
    if (service.currency !== order.currency) return []; // no exchange rate is a fact
    if (service.kind === 'HEAVY_CARGO' && !node.capabilities.heavyCargo) return [];
    const zone = zoneFor(service, node, order);
    if (!zone) return [];
    return [{ service, zone, ...arrival(order, dispatch, zone.transitDaysP50, zone.transitDaysP90) }];
  });
}

/** When a parcel that leaves at `dispatch` arrives; transit days are days of 24 hours and may have a fraction. */
export function arrival(order: OrderFacts, dispatch: number, daysP50: number, daysP90: number): Schedule {
  const promisedBy = dispatch + Math.round(daysP90 * DAY_MS);
  const estimatedArrival = dispatch + Math.round(daysP50 * DAY_MS);
  const late = order.promisedBy === null ? 0 : promisedBy - Date.parse(order.promisedBy);
  return { promisedBy, estimatedArrival, lateHours: Math.max(0, Math.ceil(late / HOUR_MS)) };
}

/** The zone that says most about the destination: city, province, listed provinces, any; the first of equal ones. */
function zoneFor(
  service: CarrierServiceFacts,
  node: NodeFacts,
  { destination }: OrderFacts,
): ZoneFacts | undefined {
  const rankOf = ({ match }: ZoneFacts): number => {
    if (match === 'SAME_CITY') return sameCity(node, destination) ? 0 : Infinity;
    if (match === 'SAME_PROVINCE') return sameProvince(node, destination) ? 1 : Infinity;
    if (match === 'ANY') return 3;
    return match.some((province) => samePlace(province, destination.province)) ? 2 : Infinity;
  };
  const [best] = service.zones
    .map((zone) => ({ zone, rank: rankOf(zone) }))
    .filter(({ rank }) => rank < Infinity)
    .sort((a, b) => a.rank - b.rank);
  return best?.zone;
}

/** Base price, and a step price for each begun step beyond the base weight. Never falls as the parcel grows. */
export function freightMinor({ service, zone }: Pick<Lane, 'service' | 'zone'>, parcel: ParcelSize): number {
  const beyond = Math.max(0, chargeableGrams(parcel, service) - zone.baseGrams);
  return zone.baseMinor + ceilDivide(beyond, service.stepGrams) * zone.perStepMinor;
}
