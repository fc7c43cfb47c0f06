import { statement } from './lock-order.sql.ts';

/**
 * The statements of a batch that was decided ahead of its locks, in the order of lock-order.sql.ts: claim the keys, lock
 * the balances, and ask, before anything is written, whether everything is as the decision took it to be. What is not
 * raises UNFORESEEN, which undoes the batch; it is then carried out the usual way.
 */
export const UNFORESEEN = 'OW001';

/** Nobody has used the keys. Arguments: partners, keys, operations, body hashes, replies, instant, number of keys. */
export const claimForeseen = statement(
  'claim-foreseen',
  `with claimed as (
     insert into idempotency_key (partner, key, operation, body_hash, reply, created_at)
     select partner, key, operation, body_hash, reply, $6::timestamptz
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
       as wanted (partner, key, operation, body_hash, reply)
     order by partner, key
     on conflict do nothing
     returning 1
   )
   select require_foreseen((select count(*) from claimed) = $7::int)`,
);

/**
 * The balances are as the batch before left them; after a wait for the lock, PostgreSQL compares once more.
 * Arguments: the columns compared, number of balances.
 */
export const lockForeseen = statement(
  'lock-foreseen',
  `select require_foreseen(count(*) = $11::int)
   from (
     select 1
     from unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[],
         $10::numeric[])
       as foreseen (sku, pool, on_hand, allocated, confirmed, held, unbacked, future_draw, buffer_fixed, buffer_rate)
     join stock_balance balance using (sku, pool)
     where balance.on_hand = foreseen.on_hand and balance.allocated = foreseen.allocated
       and balance.confirmed = foreseen.confirmed and balance.held = foreseen.held
       and balance.unbacked = foreseen.unbacked and balance.future_draw = foreseen.future_draw
       and balance.buffer_fixed = foreseen.buffer_fixed and balance.buffer_rate = foreseen.buffer_rate
       and balance.dated_held + balance.dated_confirmed = 0 and not balance.has_quotas and not balance.has_presale
       and balance.committed_at <= $12::timestamptz
     order by pool, sku
     for update of balance
   ) locked`,
);

/**
 * Begun after the locks: no hold has ended that counts as held, channels and pools are what they were, and the batch's
 * instant lies at most a quarter of a second before the clock's. Arguments: SKUs, their pools, channels,
 * their pools, hold times and ways of selling, pools, their time zones, instant. @returns the clock's instant
 */
export const checkForeseen = statement(
  'check-foreseen',
  `with instant as materialized (select hub_now() as now)
   select instant.now, require_foreseen(
     instant.now >= $9::timestamptz and instant.now < $9::timestamptz + interval '250 milliseconds'
     and not exists (
       select 1 from unnest($1::text[], $2::text[]) as place (sku, pool), lateral (
         select 1 from reservation_line line
         where line.sku = place.sku and line.pool = place.pool and line.hold_expires_at <= instant.now
           and released + shipped < reserved
         limit 1
       ) ended
     )
     and not exists (
       select 1 from unnest($3::text[], $4::text[], $5::int[], $6::text[]) as foreseen (code, pool, ttl, sells)
       left join channel using (code)
       where channel.pool is distinct from foreseen.pool or hold_ttl_seconds is distinct from ttl
         or sells_from is distinct from sells
     )
     and not exists (
       select 1 from unnest($7::text[], $8::text[]) as foreseen (code, zone) left join pool using (code)
       where time_zone is distinct from zone
     ))
   from instant`,
);
