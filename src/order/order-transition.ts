import type { EntityManager } from '../platform/database/database.ts';
import { orderStates, type OrderEvent, type OrderState } from './order-states.ts';

/** An order as far as it decides where it goes; money in minor units, instants ISO 8601. */
export interface LockedOrder {
  id: string;
  channel: string;
  externalId: string;
  state: OrderState;
  placedAt: string;
  promisedBy: string | null;
  currency: string;
  totalMinor: number;
  priority: number;
  brand: string | null;
  deliveryMethod: 'DELIVERY' | 'PICKUP';
  shipTo: {
    province?: string;
    city?: string;
    district?: string;
    latitude?: number;
    longitude?: number;
  } | null;
  /** Of the database: what all deadlines are counted from. */
  now: string;
}

/** The order, locked until the end of the transaction; null when there is none. */
export async function lockOrder(em: EntityManager, id: string): Promise<LockedOrder | null> {
  // Locked first: what is read beside it is then as the lock found it.
  await em.execute('select 1 from sales_order where id = ? for update', [id]);
  const [row] = await em.execute<LockedOrder[]>(
    `select id, channel, external_id as "externalId", state, ${instant('placed_at')} as "placedAt",
       ${instant('promised_by')} as "promisedBy", currency, total_minor::float8 as "totalMinor", priority, brand,
       delivery_method as "deliveryMethod", ship_to as "shipTo", ${instant('hub_now()')} as now
     from sales_order where id = ?`,
    [id],
  );
  return row ?? null;
}

const instant = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Moves an order on by an event. @throws Error when its state has no such event: a defect of the caller */
export async function transitionOrder(
  em: EntityManager,
  order: Pick<LockedOrder, 'id' | 'state'>,
  event: OrderEvent,
): Promise<OrderState> {
  const next = orderStates[order.state].next[event];
  if (next === undefined) throw new Error(`order ${order.id} is ${order.state}: it cannot ${event}`);
  await em.execute('update sales_order set state = ? where id = ? and state = ?', [
    next,
    order.id,
    order.state,
  ]);
  order.state = next;
  return next;
}
