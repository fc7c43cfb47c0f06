import type { Statement } from '../connection/statement.ts';

/**
 * The statements of plans: what is to come, and what is promised of it for later days. Supplies and promises are
 * guarded by the locks of their balances; campaigns are locked after balances and quotas, their limits with them.
 */
const statement = (name: string, text: string): Statement => ({ name, text });

/**
 * Balances that a command concerns without naming them: of a campaign planned before, of a pool with promises, or with
 * supply to come.
 */
export const plannedPlacesSql = statement(
  'planned-places',
  `select sku, pool from stock_supply
   where kind = 'PRESALE' and external_id in (select jsonb_array_elements_text($1::jsonb->'campaigns'))
   union
   select sku, pool from stock_supply
   where pool in (select jsonb_array_elements_text($1::jsonb->'pools')) and quantity > 0
   union
   select sku, pool from stock_balance
   where pool in (select jsonb_array_elements_text($1::jsonb->'pools')) and dated_held + dated_confirmed > 0
   order by pool, sku`,
);

/** Promises for later days in sums by day, and the rules as they are now that nobody else can change them. */
export const readDated = statement(
  'read-dated',
  `select wanted.sku, wanted.pool,
     jsonb_build_object('offsetDays', overdue_offset_days, 'fenceDays', overdue_fence_days) as overdue,
     resale_rate::float8 as "resaleRate",
     (select coalesce(jsonb_agg(jsonb_build_object('promisedOn', promised_on, 'quantity', units)), '[]')
      from (select promised_on, sum(dated) as units from reservation_line line
            where line.sku = wanted.sku and line.pool = wanted.pool and dated > 0 group by promised_on) d) as demands
   from jsonb_to_recordset($1::jsonb) as wanted (sku text, pool text) join pool on pool.code = wanted.pool`,
);

export const datedReservations = statement(
  'dated-reservations',
  `select distinct reservation_id::text as id
   from reservation_line join jsonb_to_recordset($1::jsonb) as wanted (sku text, pool text) using (sku, pool)
   where dated > 0`,
);

/** Campaigns by name, and those that sell of the locked balances. */
export const lockCampaigns = statement(
  'lock-campaigns',
  `select code, pool, starts_at as "startsAt", ends_at as "endsAt"
   from presale_campaign
   where code in (
     select jsonb_array_elements_text($1::jsonb->'codes')
     union all
     select external_id from stock_supply
     where kind = 'PRESALE'
       and (sku, pool) in (select sku, pool from jsonb_to_recordset($1::jsonb->'places') as p (sku text, pool text))
   )
   order by code
   for update`,
);

/** In a statement of its own: that of the lock may have seen them before somebody else's commit. */
export const readLimits = statement(
  'read-limits',
  `select campaign, kind, subject, units, used from presale_limit
   where campaign in (select jsonb_array_elements_text($1::jsonb))
   order by campaign, kind, subject`,
);
