import { statement } from '../connection/statement.ts';

/** Argument: orders, and reservations with the order that they are being bound to. */
const concerned = `concerned as materialized (
     select channel, "orderExternalId"
     from jsonb_to_recordset($1::jsonb->'orders') as o (channel text, "orderExternalId" text)
     union
     select r.channel, coalesce(named."orderExternalId", r.order_external_id, r.reference)
     from jsonb_to_recordset($1::jsonb->'reservations') as named (id uuid, "orderExternalId" text)
     join reservation r on r.id = named.id
   )`;

/** Reads the facts of these orders' units, and the units on reservations of theirs beyond those that are "loaded". */
export const readOrderFacts = statement(
  'read-order-facts',
  `with ${concerned},
   facts as materialized (
     select fact.channel, fact.order_external_id, fact.sku,
       coalesce(sum(refunded_quantity), 0)::int as refunded, coalesce(sum(returned_quantity), 0)::int as returned
     from concerned
     join stock_fact fact on fact.channel = concerned.channel and fact.order_external_id = concerned."orderExternalId"
     group by 1, 2, 3
   )
   select channel, order_external_id as "orderExternalId", sku, facts.refunded, returned,
     coalesce(elsewhere.refunded, 0)::int as "chargedElsewhere", coalesce(elsewhere.shipped, 0)::int as "shippedElsewhere"
   from facts left join lateral (
     select sum(line.refunded) as refunded, sum(line.shipped) as shipped
     from (
       -- two probes of two indexes; an "or" of them would read the table
       select r.id from reservation r
       where r.channel = facts.channel and r.reference = facts.order_external_id and r.order_external_id is null
       union
       select r.id from reservation r
       where r.channel = facts.channel and r.order_external_id = facts.order_external_id
     ) other
     join reservation_line line on line.reservation_id = other.id and line.sku = facts.sku
     where other.id not in (select value::uuid from jsonb_array_elements_text($1::jsonb->'loaded'))
   ) elsewhere on true`,
);

/** Reads returns of these orders that wait; guarded by the lock of its balance. */
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
