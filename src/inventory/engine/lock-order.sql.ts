/**
 * The statements of one batch, in the one order in which rows are locked (semantics.md §1): idempotency keys →
 * balances → quotas → levels → reservations, each sorted by key. Whoever writes these tables keeps this order, so that no two
 * transactions can wait for each other. Every statement takes one JSON argument and is named, so it is planned once.
 */
export interface Statement {
  name: string;
  text: string;
}
const statement = (name: string, text: string): Statement => ({ name, text });

/** Returns the keys that are new. A key that another transaction is claiming waits for that one to end. */
export const claimKeys = statement(
  'claim-keys',
  `insert into idempotency_key (partner, key, operation, body_hash, created_at)
   select partner, key, operation, "bodyHash", hub_now()
   from jsonb_to_recordset($1::jsonb) as wanted (partner text, key text, operation text, "bodyHash" text)
   order by partner, key
   on conflict do nothing
   returning partner, key`,
);

/** What was answered under the keys that are not new. */
export const readReplies = statement(
  'read-replies',
  `select partner, key, operation, body_hash as "bodyHash", reply
   from idempotency_key
   join jsonb_to_recordset($1::jsonb) as wanted (partner text, key text) using (partner, key)`,
);

/** What the batch refers to, read before the locks: it does not change, or only grows. */
export const readReferences = statement(
  'read-references',
  `select
     (select coalesce(jsonb_agg(jsonb_build_object('code', code, 'pool', pool, 'holdTtlSeconds', hold_ttl_seconds,
        'sellsFrom', sells_from)), '[]')
      from channel where code in (select jsonb_array_elements_text($1::jsonb->'channels'))) as channels,
     (select coalesce(jsonb_agg(jsonb_build_object('code', code, 'timeZone', time_zone, 'resaleRate', resale_rate,
        'overdue', jsonb_build_object('offsetDays', overdue_offset_days, 'fenceDays', overdue_fence_days))), '[]') from pool) as pools,
     (select coalesce(jsonb_agg(jsonb_build_object('code', code, 'pool', pool)), '[]')
      from node where code in (select jsonb_array_elements_text($1::jsonb->'nodes'))) as nodes,
     (select coalesce(jsonb_agg(code), '[]')
      from sku where code in (select jsonb_array_elements_text($1::jsonb->'skus'))) as skus,
     (select coalesce(jsonb_agg(distinct jsonb_build_object('sku', sku, 'pool', pool)), '[]')
      from reservation_line
      where reservation_id in (select value::uuid from jsonb_array_elements_text($1::jsonb->'reservations'))) as targets`,
);

/** The reservations of orders: bound to them by the confirmation, or made under their id. */
export const reservationsOfOrders = statement(
  'reservations-of-orders',
  `with wanted as materialized (
     select channel, "externalId" from jsonb_to_recordset($1::jsonb) as o (channel text, "externalId" text)
   )
   -- two probes of two indexes; an "or" of them would read the table
   select reservation.id::text as id from wanted
   join reservation on reservation.channel = wanted.channel and reference = "externalId" and order_external_id is null
   union
   select reservation.id::text from wanted
   join reservation on reservation.channel = wanted.channel and order_external_id = "externalId"`,
);

/** Balances that a physical fact needs, where the pool has never had the SKU. */
export const createBalances = statement(
  'create-balances',
  `insert into stock_balance (sku, pool)
   select sku, pool from jsonb_to_recordset($1::jsonb) as wanted (sku text, pool text)
   order by pool, sku
   on conflict do nothing`,
);

export const lockBalances = statement(
  'lock-balances',
  `select sku, pool, on_hand as "onHand", allocated, confirmed, held, unbacked, future_draw as "futureDraw",
          commit_counter::float8 as "commitCounter", buffer_fixed as "bufferFixed", buffer_rate::float8 as "bufferRate",
          has_quotas as "hasQuotas", has_presale as "hasPresale", dated_held as "datedHeld", dated_confirmed as "datedConfirmed"
   from stock_balance
   where (sku, pool) in (select sku, pool from jsonb_to_recordset($1::jsonb) as wanted (sku text, pool text))
   order by pool, sku
   for update`,
);

/**
 * Frees the holds of the locked balances that have ended, in a statement begun after the locks: what it returns, and
 * nothing else, is what the counters move by. The time is read here once; it is the batch's.
 */
export const reclaimExpired = statement(
  'reclaim-expired',
  `with instant as materialized (select hub_now() as now),
   wanted as materialized (select sku, pool from jsonb_to_recordset($1::jsonb) as wanted (sku text, pool text)),
   due as materialized (
     select line.reservation_id, line.line_no, line.reserved - line.released - line.dated as units, line.dated
     from instant, wanted join reservation_line line using (sku, pool)
     where line.hold_expires_at <= instant.now
   ),
   reclaimed as (
     update reservation_line line
     set released = line.reserved, dated = 0, hold_expires_at = null
     from due
     where line.reservation_id = due.reservation_id and line.line_no = due.line_no
       and line.hold_expires_at is not null
     returning line.reservation_id as "reservationId", line.sku, line.pool, due.units, due.dated
   )
   select instant.now, reclaimed.* from instant left join reclaimed on true`,
);

/** The parts of channels in the locked balances. */
export const lockQuotas = statement(
  'lock-quotas',
  `select sku, pool, channel, exclusive, used
   from channel_quota
   where (sku, pool) in (select sku, pool from jsonb_to_recordset($1::jsonb) as wanted (sku text, pool text))
   order by pool, sku, channel
   for update`,
);

export const createLevels = statement(
  'create-levels',
  `insert into stock_level (sku, node)
   select sku, node from jsonb_to_recordset($1::jsonb) as wanted (sku text, node text)
   order by sku, node
   on conflict do nothing`,
);

export const lockLevels = statement(
  'lock-levels',
  `select sku, node, on_hand as "onHand", damaged, quarantined, allocated, counted_at as "countedAt"
   from stock_level
   where (sku, node) in (select sku, node from jsonb_to_recordset($1::jsonb) as wanted (sku text, node text))
   order by sku, node
   for update`,
);

/** Supplies are guarded by the lock of their balance. */
export const readSupplies = statement(
  'read-supplies',
  `select id, kind, external_id as "externalId", sku, pool, node, ordered, received, available_on::text as "availableOn",
          counts_from as "countsFrom"
   from stock_supply
   where (sku, pool) in (select sku, pool from jsonb_to_recordset($1::jsonb) as wanted (sku text, pool text))`,
);

/** Facts that may be told again, or that count towards a line's returns, with what they answered. */
export const readFacts = statement(
  'read-facts',
  `select fact.kind, fact.scope, fact.external_event_id as "externalEventId", fact.order_line_id as "orderLineId",
          fact.returned_quantity as "returnedQuantity", fact.refunded_quantity as "refundedQuantity",
          jsonb_build_object('type', 'Restock', 'id', fact.restock_id,
            'pool', (select min(pool) from stock_movement where restock_id = fact.restock_id),
            'skus', (select coalesce(jsonb_agg(distinct sku), '[]') from stock_movement where restock_id = fact.restock_id),
            'movements', (
              select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'pool', pool, 'node', node, 'counter', counter,
                'delta', delta, 'cause', cause,
                'at', to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by id), '[]')
              from stock_movement where restock_id = fact.restock_id)) as restock
   from (
     -- two probes of two indexes; an "or" of them would read the table
     select * from stock_fact
     where order_line_id in (select jsonb_array_elements_text($1::jsonb->'orderLines'))
     union
     select known.*
     from jsonb_to_recordset($1::jsonb->'events') as wanted (kind text, scope text, "eventId" text)
     join stock_fact known on known.kind = wanted.kind and known.scope = wanted.scope
       and known.external_event_id = wanted."eventId"
   ) fact`,
);

/** Where lines have been given to nodes; guarded, like the lines, by the locks of their balances. */
export const readAllocations = statement(
  'read-allocations',
  `select reservation_id as "reservationId", line_no as "lineNo", node, allocated, shipped
   from reservation_allocation
   where reservation_id in (select value::uuid from jsonb_array_elements_text($1::jsonb))
   order by reservation_id, line_no, node`,
);

/**
 * The reservations that a loss of up to "deficit" units may touch: held ones newest first, then the others newest
 * first, until they cover it; and those that lack goods, which a gain gives back to.
 */
export const reservationsAtStake = statement(
  'reservations-at-stake',
  `select distinct reservation_id::text as id
   from (
     select reservation_id, line.unbacked, wanted.deficit,
       sum(reserved - released - shipped - dated - line.unbacked) over (
         partition by sku, pool
         order by (hold_expires_at is null), reservation_id desc, line_no
         rows between unbounded preceding and 1 preceding
       ) as covered
     from reservation_line line
     join jsonb_to_recordset($1::jsonb) as wanted (sku text, pool text, deficit int8) using (sku, pool)
     where released + shipped + dated < reserved
   ) candidate
   where coalesce(covered, 0) < deficit or unbacked > 0`,
);

export const lockReservations = statement(
  'lock-reservations',
  `select id, partner, channel, pool, reference, campaign, order_external_id as "orderExternalId", state,
          created_at as "createdAt", expires_at as "expiresAt", shortages, events
   from reservation
   where id in (select value::uuid from jsonb_array_elements_text($1::jsonb))
   order by id
   for update`,
);

/** Lines are guarded by the locks of their balances; read after all locks. */
export const readLines = statement(
  'read-lines',
  `select reservation_id as "reservationId", line_no as "lineNo", sku, pool, promised_on::text as "promisedOn",
          reserved, released, allocated, shipped, unbacked, dated, cancelled, refunded, oversold,
          hold_expires_at as "holdExpiresAt"
   from reservation_line
   where reservation_id in (select value::uuid from jsonb_array_elements_text($1::jsonb))
   order by reservation_id, line_no`,
);

/** What refused baskets may wait for: supply still to come, and what is promised for later days. */
export const readTimelines = statement(
  'read-timelines',
  `select wanted.sku, wanted.pool,
     (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'quantity', quantity, 'availableOn', available_on)), '[]')
      from stock_supply supply
      where supply.sku = wanted.sku and supply.pool = wanted.pool and supply.quantity > 0
        and (counts_from is null or counts_from <= (select hub_now()))) as supplies
   from rows from (jsonb_to_recordset($1::jsonb) as (sku text, pool text)) with ordinality as wanted (sku, pool, position)
   order by position`,
);

/** Everything the batch has changed, in one statement. */
export const writeBatch = statement(
  'write-batch',
  `with new_reservation as (
     insert into reservation (id, partner, channel, pool, reference, campaign, order_external_id, state, created_at, expires_at, shortages, events)
     select id, partner, channel, pool, reference, campaign, "orderExternalId", state, "createdAt", "expiresAt", shortages, events
     from jsonb_to_recordset($1::jsonb->'newReservations') as r (id uuid, partner text, channel text, pool text, reference text, campaign text,
       "orderExternalId" text, state text, "createdAt" timestamptz, "expiresAt" timestamptz, shortages jsonb, events jsonb)
   ), new_line as (
     insert into reservation_line (reservation_id, line_no, sku, pool, channel, promised_on, reserved, released,
       allocated, shipped, unbacked, dated, cancelled, refunded, oversold, hold_expires_at)
     select "reservationId", "lineNo", sku, pool, channel, "promisedOn", reserved, released,
       allocated, shipped, unbacked, dated, cancelled, refunded, oversold, "holdExpiresAt"
     from jsonb_to_recordset($1::jsonb->'newLines') as l ("reservationId" uuid, "lineNo" int, sku text, pool text,
       channel text, "promisedOn" date, reserved int, released int, allocated int, shipped int, unbacked int,
       dated int, cancelled int, refunded int, oversold int, "holdExpiresAt" timestamptz)
   ), changed_reservation as (
     update reservation
     set state = r.state, expires_at = r."expiresAt", order_external_id = r."orderExternalId", events = r.events
     from jsonb_to_recordset($1::jsonb->'reservations') as r (id uuid, state text, "expiresAt" timestamptz,
       "orderExternalId" text, events jsonb)
     where reservation.id = r.id
   ), changed_line as (
     update reservation_line line
     set released = l.released, allocated = l.allocated, shipped = l.shipped, unbacked = l.unbacked,
         dated = l.dated, promised_on = l."promisedOn", cancelled = l.cancelled, refunded = l.refunded, hold_expires_at = l."holdExpiresAt"
     from jsonb_to_recordset($1::jsonb->'lines') as l ("reservationId" uuid, "lineNo" int, released int, allocated int,
       shipped int, unbacked int, dated int, "promisedOn" date, cancelled int, refunded int, "holdExpiresAt" timestamptz)
     where line.reservation_id = l."reservationId" and line.line_no = l."lineNo"
   ), allocation as (
     insert into reservation_allocation (reservation_id, line_no, node, allocated, shipped)
     select "reservationId", "lineNo", node, allocated, shipped
     from jsonb_to_recordset($1::jsonb->'allocations') as a ("reservationId" uuid, "lineNo" int, node text, allocated int, shipped int)
     on conflict (reservation_id, line_no, node) do update set allocated = excluded.allocated, shipped = excluded.shipped
   ), balance as (
     update stock_balance
     set on_hand = b."onHand", allocated = b.allocated, confirmed = b.confirmed, held = b.held, unbacked = b.unbacked,
         dated_held = b."datedHeld", dated_confirmed = b."datedConfirmed", future_draw = b."futureDraw",
         has_presale = b."hasPresale", settled_at = ($1::jsonb->>'now')::timestamptz, commit_counter = commit_counter + 1
     from jsonb_to_recordset($1::jsonb->'balances') as b (sku text, pool text, "onHand" int, allocated int, confirmed int,
       held int, unbacked int, "datedHeld" int, "datedConfirmed" int, "futureDraw" int, "hasPresale" boolean)
     where stock_balance.sku = b.sku and stock_balance.pool = b.pool
   ), level as (
     update stock_level
     set on_hand = v."onHand", damaged = v.damaged, quarantined = v.quarantined, allocated = v.allocated,
         counted_at = v."countedAt"
     from jsonb_to_recordset($1::jsonb->'levels') as v (sku text, node text, "onHand" int, damaged int, quarantined int,
       allocated int, "countedAt" timestamptz)
     where stock_level.sku = v.sku and stock_level.node = v.node
   ), quota as (
     update channel_quota set used = q.used
     from jsonb_to_recordset($1::jsonb->'quotas') as q (sku text, pool text, channel text, used int)
     where channel_quota.sku = q.sku and channel_quota.pool = q.pool and channel_quota.channel = q.channel
   ), new_supply as (
     insert into stock_supply (id, kind, external_id, sku, pool, node, ordered, received, available_on, counts_from)
     select id, kind, "externalId", sku, pool, node, ordered, received, "availableOn", "countsFrom"
     from jsonb_to_recordset($1::jsonb->'newSupplies') as s (id uuid, kind text, "externalId" text, sku text, pool text,
       node text, ordered int, received int, "availableOn" date, "countsFrom" timestamptz)
   ), supply as (
     update stock_supply set ordered = s.ordered, received = s.received, node = s.node, available_on = s."availableOn",
       counts_from = s."countsFrom"
     from jsonb_to_recordset($1::jsonb->'supplies') as s (id uuid, ordered int, received int, node text, "availableOn" date,
       "countsFrom" timestamptz)
     where stock_supply.id = s.id
   ), movement as (
     insert into stock_movement (at, sku, pool, node, counter, delta, cause, reservation_id, restock_id, supply_id, actor)
     select at, sku, pool, node, counter, delta, cause, "reservationId", "restockId", "supplyId", actor
     from jsonb_to_recordset($1::jsonb->'movements') as m (at timestamptz, sku text, pool text, node text, counter text, delta int,
       cause text, "reservationId" uuid, "restockId" uuid, "supplyId" uuid, actor text)
   ), fact as (
     insert into stock_fact (id, restock_id, kind, scope, external_event_id, reason, order_line_id, returned_quantity,
       refunded_quantity, sellable_quantity, settled_at, actor, at)
     select id, "restockId", kind, scope, "externalEventId", reason, "orderLineId", "returnedQuantity",
       "refundedQuantity", "sellableQuantity", "settledAt", actor, ($1::jsonb->>'now')::timestamptz
     from jsonb_to_recordset($1::jsonb->'facts') as f (id uuid, "restockId" uuid, kind text, scope text, "externalEventId" text,
       reason text, "orderLineId" text, "returnedQuantity" int, "refundedQuantity" int, "sellableQuantity" int, "settledAt" timestamptz, actor text)
   ), reply as (
     -- A bad request may have claimed the key for the good one that came with it.
     update idempotency_key set reply = r.reply, operation = r.operation, body_hash = r."bodyHash"
     from jsonb_to_recordset($1::jsonb->'replies') as r (partner text, key text, operation text, "bodyHash" text, reply jsonb)
     where idempotency_key.partner = r.partner and idempotency_key.key = r.key
   )
   delete from idempotency_key using jsonb_to_recordset($1::jsonb->'unclaimed') as u (partner text, key text)
   where idempotency_key.partner = u.partner and idempotency_key.key = u.key`,
);
