import { JSON_SEPARATOR } from '../connection/pg-array.ts';
import type { Head } from './write-batch.sql.ts';
import { statement } from '../connection/statement.ts';

/**
 * The statements of a batch that was decided ahead of its locks, in the order of lock-order.sql.ts: claim the keys, lock
 * the balances, and ask, before anything is written, whether everything is as the decision took it to be. What is not
 * raises SPECULATION_FAILED, which undoes the batch; it is then carried out the usual way.
 */
export const SPECULATION_FAILED = 'OW001';
/** unique_violation: somebody has used one of the keys. Asking first, as `on conflict` does, was a twelfth of PostgreSQL's work. */
export const KEY_USED = '23505';

/**
 * Nobody has used the keys, and the balances are as the batch before left them; after a wait for a lock, PostgreSQL
 * compares once more. One statement, since each costs as much as the rows of two reservations; `case` keeps the order.
 * Arguments: partners, keys, operations, body hashes, joined replies, in the order of the keys (of partners and
 * operations one, if it is that of all); instant, number of keys; the columns compared, number of balances; ids of the requests.
 */
export const claimAndLock = statement(
  'claim-and-lock',
  `with claimed as (
     insert into idempotency_key (partner, key, operation, body_hash, reply, request_id, created_at)
     select coalesce(partner, ($1::text[])[1]), key, coalesce(operation, ($3::text[])[1]), body_hash, reply, request_id,
       $6::timestamptz
     from unnest($1::text[], $2::text[], $3::text[], $4::text[],
         string_to_array($5::text, ${JSON_SEPARATOR}), $19::text[])
       as wanted (partner, key, operation, body_hash, reply, request_id)
     returning 1
   ),
   locked as (
     select 1
     from unnest($8::text[], $9::text[], $10::int[], $11::int[], $12::int[], $13::int[], $14::int[], $15::int[],
         $16::int[], $17::numeric[])
       as foreseen (sku, pool, on_hand, allocated, confirmed, held, unbacked, future_draw, buffer_fixed, buffer_rate)
     join stock_balance balance using (sku, pool)
     where balance.on_hand = foreseen.on_hand and balance.allocated = foreseen.allocated
       and balance.confirmed = foreseen.confirmed and balance.held = foreseen.held
       and balance.unbacked = foreseen.unbacked and balance.future_draw = foreseen.future_draw
       and balance.buffer_fixed = foreseen.buffer_fixed and balance.buffer_rate = foreseen.buffer_rate
       and balance.dated_held + balance.dated_confirmed = 0 and not balance.has_quotas and not balance.has_presale
       and balance.committed_at <= $6::timestamptz
     order by pool, sku
     for update of balance
   )
   select require_foreseen(
     case when (select count(*) from claimed) = $7::int then (select count(*) from locked) = $18::int end)`,
);

/**
 * The head of the statement that writes, which is begun after the locks: no hold has ended that counts as held, channels
 * and pools are what they were, and the batch's instant lies at most a quarter of a second before the clock's.
 * Arguments: SKUs, their pools, channels, their pools, hold times and ways of selling, pools, their time zones, instant.
 * Gives the clock's instant.
 */
export const checkForeseen: Head = {
  name: 'checked',
  text: `select instant.now, require_foreseen(
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
     )) as is_as_foreseen
   from (select hub_now() as now offset 0) instant`,
};
