import { statement } from './lock-order.sql.ts';

/** Argument: orders, and reservations with the order that they are being bound to. */
const concerned = `concerned as materialized (
     select channel, "orderExternalId"
     from jsonb_to_recordset($1::jsonb->'orders') as o (channel text, "orderExternalId" text)
     union
     select r.channel, coalesce(named."orderExternalId", r.order_external_id, r.reference)
     from jsonb_to_recordset($1::jsonb->'reservations') as named (id uuid, "orderExternalId" text)
     join reservation r on r.id = named.id
   )`;

/** What facts say of these orders' units. */
export const readOrderFacts = statement(
  'read-order-facts',
  `with ${concerned}
   select fact.channel, fact.order_external_id as "orderExternalId", fact.sku,
     coalesce(sum(refunded_quantity), 0)::int as refunded, coalesce(sum(returned_quantity), 0)::int as returned
   from concerned
   join stock_fact fact on fact.channel = concerned.channel and fact.order_external_id = concerned."orderExternalId"
   group by 1, 2, 3`,
);

/** What came back of these orders and waits; guarded by the lock of its balance. */
export const readPendingReturns = statement(
  'read-pending-returns',
  `with ${concerned}
   select id, restock_id as "restockId", reason, back.channel, order_external_id as "orderExternalId",
     order_line_id as "orderLineId", sku, pool, node, condition, quantity, counted
   from concerned
   join pending_return back on back.channel = concerned.channel
     and back.order_external_id = concerned."orderExternalId" and counted < quantity
   order by id`,
);
