import type { PersonInput } from '../customer/index.ts';
import { isInstant, isStale } from '../platform/database/instant.ts';
import { mergeState, OrderState } from './order-states.ts';

export interface OrderLineInput {
  externalId: string;
  sku: string;
  quantity: number;
  /** Minor units of the order's currency. */
  unitPriceMinor: number;
}

/** An order as a channel reports it. Instants are ISO 8601 with zone, money is in minor units of `currency`. */
export interface OrderInput {
  channel: string;
  externalId: string;
  state: 'PLACED' | 'PAID' | 'SHIPPED' | 'DELIVERED' | 'CLOSED' | 'CANCELLED';
  placedAt: string;
  updatedAt?: string;
  buyer: PersonInput;
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
  /** Larger is more urgent. */
  priority?: number;
  brand?: string;
  lines: OrderLineInput[];
}

/** The stored facts of an order that the next report is compared with. */
export interface StoredOrder {
  id: string;
  state: OrderState;
  updatedAt: string | null;
  /** Of the record last taken. */
  contentHash: string;
}

export type OrderDecision =
  | { accept: true; state: OrderState; updatedAt: string | null }
  /** `reason` undefined: a repetition, or older than what is held. */
  | { accept: false; reason?: string };

const MAX_QUANTITY = 1_000_000_000;
const INSTANTS = ['placedAt', 'updatedAt', 'promisedBy'] as const;

/** Whether and in which state a report is taken; a pure function of what is held and what is reported. */
export function decideOrder(
  held: StoredOrder | undefined,
  record: OrderInput,
  contentHash: string,
): OrderDecision {
  const reported = OrderState[record.state];
  const updatedAt = record.updatedAt ?? held?.updatedAt ?? null;
  if (!held) return { accept: true, state: reported, updatedAt };
  if (held.contentHash === contentHash || isStale(record.updatedAt, held.updatedAt)) return { accept: false };
  const state = mergeState(held.state, reported);
  if (state) return { accept: true, state, updatedAt };
  return { accept: false, reason: `Invalid order transition: ${held.state} to ${reported}.` };
}

/** The mistake in a record, seen by itself; undefined when nothing is. */
export function orderProblem(record: OrderInput): string | undefined {
  const badInstant = INSTANTS.find((name) => record[name] !== undefined && !isInstant(record[name]));
  if (badInstant)
    return `${badInstant} must be an ISO 8601 timestamp with time zone, got "${record[badInstant]}"`;
  if (!Object.hasOwn(OrderState, record.state)) return `Order state ${String(record.state)} does not exist.`;
  if (!['DELIVERY', 'PICKUP'].includes(record.deliveryMethod))
    return `Delivery method ${String(record.deliveryMethod)} does not exist.`;
  if (record.channel === '' || record.externalId === '') return 'The channel or the externalId is empty.';
  if (!/^[A-Z]{3}$/.test(record.currency)) return `The currency is no ISO 4217 code: ${record.currency}`;
  if (!Number.isSafeInteger(record.totalMinor))
    return `The total is no whole number of minor units: ${record.totalMinor}`;
  return linesProblem(record.lines);
}

function linesProblem(lines: readonly OrderLineInput[]): string | undefined {
  if (lines.length === 0) return 'The order has no lines.';
  if (new Set(lines.map(({ externalId }) => externalId)).size < lines.length)
    return 'Two lines have the same externalId.';
  const badCount = lines.find(
    ({ quantity }) => !(Number.isInteger(quantity) && quantity > 0 && quantity <= MAX_QUANTITY),
  );
  if (badCount)
    return `line ${badCount.externalId}: quantity must be an integer from 1 to ${MAX_QUANTITY}, got ${badCount.quantity}`;
  const badPrice = lines.find(({ unitPriceMinor }) => !Number.isSafeInteger(unitPriceMinor));
  return badPrice && `Line ${badPrice.externalId} has no usable unit price: ${badPrice.unitPriceMinor}`;
}
