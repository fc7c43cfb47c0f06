import { statement } from '../connection/statement.ts';

/**
 * Returns the keys that are new, with where their rows are. A key that another transaction is claiming waits for that
 * one to end. Arguments: partners, keys, operations, body hashes, in the order of the keys.
 */
export const claimKeys = statement(
  'claim-keys',
  `insert into idempotency_key (partner, key, operation, body_hash, request_id, created_at)
   select partner, key, operation, body_hash, request_id, hub_now()
   from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
     as wanted (partner, key, operation, body_hash, request_id)
   on conflict do nothing
   returning partner, key, ctid::text as row`,
);

/** Reads the replies under the keys that are not new. */
export const readReplies = statement(
  'read-replies',
  `select partner, key, operation, body_hash as "bodyHash", reply::json
   from idempotency_key
   join jsonb_to_recordset($1::jsonb) as wanted (partner text, key text) using (partner, key)`,
);

/**
 * Reads the rows that the batch refers to; it does not change, or only grows. Arguments: channels, nodes, SKUs,
 * reservations.
 */
export const readReferences = statement(
  'read-references',
  `select
     (select coalesce(jsonb_agg(jsonb_build_object('code', code, 'pool', pool, 'holdTtlSeconds', hold_ttl_seconds,
        'sellsFrom', sells_from)), '[]')
      from unnest($1::text[]) as wanted (code) join channel using (code)) as channels,
     (select coalesce(jsonb_agg(jsonb_build_object('code', code, 'timeZone', time_zone, 'resaleRate', resale_rate,
        'overdue', jsonb_build_object('offsetDays', overdue_offset_days, 'fenceDays', overdue_fence_days))), '[]') from pool) as pools,
     (select coalesce(jsonb_agg(jsonb_build_object('code', code, 'pool', pool)), '[]')
      from unnest($2::text[]) as wanted (code) join node using (code)) as nodes,
     (select coalesce(jsonb_agg(code), '[]') from unnest($3::text[]) as wanted (code) join sku using (code)) as skus,
     (select coalesce(jsonb_agg(distinct jsonb_build_object('sku', sku, 'pool', pool)), '[]')
      from reservation_line where reservation_id = any($4::uuid[])) as targets`,
);

/** The reservations of orders: bound to them by the confirmation, or made under their id. */
export const reservationsOfOrders = statement(
  'reservations-of-orders',
  `with wanted as materialized (
     select channel, "orderExternalId" from jsonb_to_recordset($1::jsonb) as o (channel text, "orderExternalId" text)
   )
   -- two probes of two indexes; an "or" of them would read the table
   select reservation.id::text as id from wanted
   join reservation on reservation.channel = wanted.channel and reference = "orderExternalId" and order_external_id is null
   union
   select reservation.id::text from wanted
   join reservation on reservation.channel = wanted.channel and order_external_id = "orderExternalId"`,
);

/**
 * The places that the commands touch: SKUs in a pool that is named, or is a channel's or a node's, and those of
 * reservations. Arguments: SKUs, their pools, channels and nodes (each null where another one tells), reservations.
 */
const wantedPlaces = `wanted as materialized (
     select named.sku, coalesce(named.pool, channel.pool, node.pool) as pool
     from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as named (sku, pool, channel, node)
     left join channel on channel.code = named.channel
     left join node on node.code = named.node
     union
     select sku, pool from reservation_line where reservation_id = any($5::uuid[])
   )`;

/** Balances that a physical fact needs, where the pool has never had the SKU. */
export const createBalances = statement(
  'create-balances',
  `with ${wantedPlaces}
   insert into stock_balance (sku, pool)
   select sku, pool from wanted join sku on sku.code = wanted.sku
   where pool is not null
   order by pool, sku
   on conflict do nothing`,
);

export const lockBalancesSql = statement(
  'lock-balances',
  `with ${wantedPlaces}
   select sku, pool, on_hand as "onHand", allocated, confirmed, held, unbacked, future_draw as "futureDraw",
          commit_counter::float8 as "commitCounter", buffer_fixed as "bufferFixed", buffer_rate::float8 as "bufferRate",
          has_quotas as "hasQuotas", has_presale as "hasPresale", dated_held as "datedHeld", dated_confirmed as "datedConfirmed"
   from wanted join stock_balance using (sku, pool)
   order by pool, sku
   for update of stock_balance`,
);

/**
 * Frees the holds of the locked balances that have ended, in a statement begun after the locks: what it returns, and
 * nothing else, is what the counters move by. The time is read here once; it is the batch's. It never lies before the
 * last commit on these balances: after a failover, or when a clock is set back, time stands still until it has caught up.
 */
export const reclaimExpired = statement(
  'reclaim-expired',
  `with ${wantedPlaces},
   instant as materialized (
     select greatest(hub_now(), max(committed_at)) as now from wanted join stock_balance using (sku, pool)
   ),
   due as materialized (
     select ended.* from instant, wanted, lateral (
       select reservation_id, line_no, reserved - released - dated as units, dated from reservation_line line
       where line.sku = wanted.sku and line.pool = wanted.pool and line.hold_expires_at <= instant.now
         and released + shipped < reserved
       offset 0 -- a probe of the index for each place, whatever the planner thinks of the table
     ) as ended
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
  `select sku, pool, channel, exclusive, used, shared_cap as "sharedCap", release_at as "releaseAt", part_released as released
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
export const readSuppliesSql = statement(
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
   where reservation_id = any($1::uuid[])
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
     where released + shipped < reserved and released + shipped + dated < reserved -- the first is what the index knows
   ) candidate
   where coalesce(covered, 0) < deficit or unbacked > 0`,
);

const reservationsById = `
   select id, partner, channel, pool, reference, campaign, order_external_id as "orderExternalId", state,
          created_at as "createdAt", expires_at as "expiresAt", shortages, events
   from reservation
   where id = any($1::uuid[])
   order by id`;

export const lockReservations = statement('lock-reservations', `${reservationsById} for update`);

/** Without a lock: of one that was made by an earlier call, for what never changes. */
export const readReservations = statement('read-reservations', reservationsById);

/** Lines are guarded by the locks of their balances; read after all locks. */
export const readLines = statement(
  'read-lines',
  `select reservation_id as "reservationId", line_no as "lineNo", sku, pool, promised_on::text as "promisedOn",
          reserved, released, allocated, shipped, unbacked, dated, cancelled, refunded, oversold,
          hold_expires_at as "holdExpiresAt"
   from reservation_line
   where reservation_id = any($1::uuid[])
   order by reservation_id, line_no`,
);

/** Reads the supply that refused baskets may wait for: supply still to come, and what is promised for later days. */
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
