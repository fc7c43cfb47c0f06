import { ANY_LINE, LIVE_LINE } from '../availability/read-availability.sql.ts';

/** The row of `stock_audit_fold` that sums up what is of no live reservation. */
export const NO_RESERVATION = '00000000-0000-0000-0000-000000000000';

/**
 * The rows that an audit reads. A text for all rows reads tables whole; one for some SKUs goes through their indexes:
 * of an array the planner expects few, of a subquery many, and it would then read tables whole.
 */
export interface AuditScope {
  /** Condition on `sku`. */
  which: string;
  everything: boolean;
  /** The first CTEs; they take the parameters. */
  params: string;
  /** The movements, or sums of them, that everything must follow from. */
  ledger: string;
  /** The lines, each `closed` when there is no ledger by which it could be proved. */
  lines: string;
}

/** Condition on `sku`, beside the names of `chosen`. */
export const CHOSEN = 'sku = any (array(select sku from chosen))';
const chosen =
  'chosen as materialized (select sku from (select jsonb_array_elements_text(?::jsonb) as sku) given)';

/**
 * Movements, and what detached months have left of theirs.
 * @param until condition on movements
 */
export const wholeLedger = (which: string, until = 'true') => `
    select sku, pool, node, counter, delta, abs(delta) as moved, cause, reservation_id, restock_id, supply_id
    from stock_movement where ${which} and ${until}
    union all
    select sku, pool, node, counter, delta, moved, cause, reservation_id, null, supply_id
    from stock_closing where ${which}`;

/** Closed: it had ended when the month in which it was made was detached, so that no ledger is left to prove it by. */
const allLines = (which: string) => `
    select l.*, r.state, r.expires_at, r.campaign,
      r.created_at < (select coalesce(max(until), '-infinity') from stock_closed_month)
        and not exists (select 1 from stock_closing c where c.reservation_id = l.reservation_id) as closed
    from reservation_line l join reservation r on r.id = l.reservation_id
    where ${which}`;

/** One parameter: SKUs, of which none is looked at. */
export const everySku: AuditScope = {
  which: 'true',
  everything: true,
  params: chosen,
  ledger: wholeLedger('true'),
  lines: allLines('true'),
};

/** One parameter: SKUs. */
export const ofChosen: AuditScope = {
  which: CHOSEN,
  everything: false,
  params: chosen,
  ledger: wholeLedger(CHOSEN),
  lines: allLines(`${CHOSEN} and ${ANY_LINE}`),
};

/**
 * The movements after a checkpoint (`audit-fold.ts`), in time that does not grow with the ledger: sums of the fold,
 * the movements since, and the lines that are live or have moved. What quotas and campaigns count goes by all their
 * lines. Closed is a line that had ended before. Parameters: SKUs, and the id up to which the ledger is folded.
 */
export const sinceFold: AuditScope = {
  which: CHOSEN,
  everything: false,
  params: `${chosen},
  news as materialized (
    select sku, pool, node, counter, delta, cause, reservation_id, restock_id, supply_id from stock_movement where id > ?
  )`,
  ledger: `
    select f.sku, s.pool, s.node, s.counter, s.delta, s.moved, s.cause, nullif(f.reservation_id, '${NO_RESERVATION}') as reservation_id,
      null::uuid as restock_id, s.supply_id
    from stock_audit_fold f cross join lateral unnest(f.sums) s where ${CHOSEN}
    union all
    select sku, pool, node, counter, delta, abs(delta), cause, reservation_id, restock_id, supply_id
    from news where sku in (select sku from chosen)`,
  lines: `
    select l.*, r.state, r.expires_at, r.campaign,
      not (${LIVE_LINE}) and not exists (
        select 1 from movement m where m.reservation_id = l.reservation_id and m.sku = l.sku) as closed
    from (
      select reservation_id, line_no from reservation_line where ${CHOSEN} and ${LIVE_LINE}
      union
      select reservation_id, line_no from reservation_line join (
        select distinct sku, reservation_id from movement where reservation_id is not null) moved using (sku, reservation_id)
      union
      select reservation_id, line_no from reservation_line where sku = any (array(
        select sku from chosen where sku in (select sku from channel_quota)
          or sku in (select subject from presale_limit where kind = 'SKU'))) and ${ANY_LINE}
    ) picked join reservation_line l using (reservation_id, line_no) join reservation r on r.id = l.reservation_id`,
};

/**
 * The units of today that later days need, by the definition: at each day on which anything changes, supply until then
 * less what lacks goods, less what is promised until then; the least of it, at most 0. As of the instant for which the
 * row is exact, since the clock may have gone on.
 */
const futureDrawSql = `  planned as materialized (
    select b.sku, b.pool, b.unbacked, b.committed_at, p.overdue_offset_days, p.overdue_fence_days, p.resale_rate,
      (b.committed_at at time zone p.time_zone)::date as today
    from balance b join pool p on p.code = b.pool where b.dated_held + b.dated_confirmed > 0
  ),
  dated (sku, pool, on_day, supply, returned, demand) as (
    select sku, pool, today, 0, 0, 0 from planned
    union all
    select p.sku, p.pool, case when available_on >= today then available_on else today + overdue_offset_days end,
      case when kind = 'EXPECTED_RETURN' then 0 else quantity end,
      case when kind = 'EXPECTED_RETURN' then quantity else 0 end, 0
    from planned p join supply using (sku, pool)
    where available_on >= today - overdue_fence_days and (counts_from is null or counts_from <= committed_at)
    union all
    select p.sku, p.pool, greatest(promised_on, today), 0, 0, line.dated from planned p join line using (sku, pool)
    where line.dated > 0
  ),
  summed as (
    select distinct sku, pool, on_day, sum(supply) over day as supply, sum(returned) over day as returned,
      sum(demand) over day as demand
    from dated window day as (partition by sku, pool order by on_day)
  ),
  future_draw as (
    select sku, pool,
      least(0, min(greatest(0, summed.supply + floor(resale_rate * returned) - unbacked) - demand)) as draw
    from summed join planned using (sku, pool) group by sku, pool
  )`;

/** The units that a line adds to each counter of its balance. */
const HELD_BY_LINES = `
      ('HELD', case when hold_expires_at is not null then reserved - released - dated else 0 end),
      ('CONFIRMED', case when hold_expires_at is null then reserved - released - allocated - shipped - dated else 0 end),
      ('DATED_HELD', case when hold_expires_at is not null then dated else 0 end),
      ('DATED_CONFIRMED', case when hold_expires_at is null then dated else 0 end),
      ('ALLOCATED', allocated),
      ('UNBACKED', unbacked)`;

/**
 * Both sides of each comparison are lists of (sku, place, counter, value); a row missing on one side counts as 0, so
 * that a deleted or an invented row differs too.
 */
export const auditSql = ({ which, everything, params, ledger, lines }: AuditScope) => `
  with ${params},
  -- the whole ledger is rather read again from its table than from a copy of it
  movement as ${everything ? 'not materialized' : 'materialized'} (${ledger}),
  line as materialized (${lines}),
  proved as materialized (
    select * from movement m where reservation_id is not null
      and not exists (select 1 from line where line.reservation_id = m.reservation_id and line.sku = m.sku and closed)
  ),
  balance as materialized (select * from stock_balance where ${which}),
  level as materialized (select l.*, n.pool from stock_level l join node n on n.code = l.node
    where ${which} and (on_hand <> 0 or damaged <> 0 or quarantined <> 0 or allocated <> 0)
  ),
  supply as materialized (select * from stock_supply where ${which}),
  quota as materialized (select * from channel_quota where ${which}),
${futureDrawSql},
  stored (sku, place, counter, value) as (
    select sku, 'balance of ' || pool, counter, value::bigint
    from balance, lateral (values ('ON_HAND', on_hand), ('ALLOCATED', allocated), ('CONFIRMED', confirmed),
      ('HELD', held), ('UNBACKED', unbacked), ('DATED_HELD', dated_held), ('DATED_CONFIRMED', dated_confirmed),
      ('FUTURE_DRAW', future_draw)) as c (counter, value)
    union all
    select sku, 'level at ' || node, counter, value
    from level, lateral (values ('ON_HAND', on_hand), ('DAMAGED', damaged), ('QUARANTINED', quarantined),
      ('ALLOCATED', allocated)) as c (counter, value)
    union all
    select sku, 'supply ' || id, 'INBOUND', quantity from supply
    union all
    select sku, 'quota of ' || channel || ' in ' || pool, 'QUOTA_USED', used from quota
    union all
    select subject, 'campaign ' || campaign, 'SOLD', used from presale_limit
    where kind = 'SKU' and subject in (select sku from balance)
    union all
    -- of a campaign as a whole, by one of its SKUs; only where all of them are audited
    select (select min(subject) from presale_limit s where s.campaign = l.campaign and kind = 'SKU'),
      'campaign ' || campaign || ' ' || subject, 'SOLD', used
    from presale_limit l where kind <> 'SKU' and ${everything}
    union all
    -- the rows that a balance sums up
    select sku, 'levels of ' || pool, counter, sum(value)
    from level, lateral (values ('ON_HAND', on_hand), ('ALLOCATED', allocated)) as c (counter, value)
    group by sku, pool, counter
    union all
    select sku, 'lines of ' || pool, counter, sum(value)
    from line, lateral (values ${HELD_BY_LINES}) as c (counter, value)
    group by sku, pool, counter
    union all
    -- each reservation, so that two wrong lines cannot hide each other
    select sku, 'reservation ' || reservation_id, counter, sum(value)
    from line, lateral (values ${HELD_BY_LINES},
      ('RESERVED', reserved),
      ('RELEASED', released),
      ('SHIPPED', shipped)) as c (counter, value)
    where not closed
    group by sku, reservation_id, counter
    union all
    -- what a line is must follow from its quantities and from its reservation
    select sku, 'reservation ' || reservation_id, 'STATE', count(*) from line
    where not case state
      when 'HELD' then hold_expires_at = expires_at or released + shipped = reserved
      when 'EXPIRED' then released = reserved or hold_expires_at = expires_at
      when 'CONFIRMED' then hold_expires_at is null
      when 'ALLOCATED' then hold_expires_at is null and released + shipped + allocated = reserved
      else released + shipped = reserved and hold_expires_at is null end
    group by sku, reservation_id
    union all
    select sku, 'reservation ' || reservation_id || ' at nodes', 'ALLOCATED', sum(allocation.allocated)
    from line join reservation_allocation allocation using (reservation_id, line_no) group by sku, reservation_id
    union all
    -- every movement of a physical fact belongs to one that is on record
    select sku, 'fact ' || restock_id, 'FACT', count(*) from movement m
    where restock_id is not null and not exists (select 1 from stock_fact f where f.restock_id = m.restock_id)
    group by sku, restock_id
  ),
  folded (sku, place, counter, value) as (
    select sku, 'balance of ' || pool, counter, sum(delta) from movement
    where counter in ('ON_HAND', 'ALLOCATED', 'CONFIRMED', 'HELD', 'UNBACKED', 'DATED_HELD', 'DATED_CONFIRMED')
    group by sku, pool, counter
    union all
    select sku, 'balance of ' || pool, 'FUTURE_DRAW', draw from future_draw
    union all
    select sku, 'level at ' || node, counter, sum(delta) from movement
    where node is not null group by sku, node, counter
    union all
    select sku, 'supply ' || supply_id, 'INBOUND', sum(delta) from movement
    where supply_id is not null group by sku, supply_id
    union all
    select sku, 'quota of ' || channel || ' in ' || pool, 'QUOTA_USED', sum(reserved - released - dated) - shipped_before
    from line join quota using (sku, pool, channel) group by sku, channel, pool, shipped_before
    union all
    select sku, 'campaign ' || campaign, 'SOLD', sum(reserved - released)
    from line where campaign is not null group by sku, campaign
    union all
    select (select min(subject) from presale_limit s where s.campaign = line.campaign and kind = 'SKU'),
      'campaign ' || campaign || ' ' || scope.subject, 'SOLD', sum(reserved - released)
    from line, lateral (values (''), (line.channel)) as scope (subject)
    where campaign is not null and ${everything}
    group by campaign, scope.subject
    union all
    select sku, 'levels of ' || pool, counter, sum(delta) from movement
    where counter in ('ON_HAND', 'ALLOCATED') group by sku, pool, counter
    union all
    select sku, 'lines of ' || pool, counter, sum(delta) from movement
    where counter in ('HELD', 'CONFIRMED', 'ALLOCATED', 'UNBACKED', 'DATED_HELD', 'DATED_CONFIRMED')
    group by sku, pool, counter
    union all
    select sku, 'reservation ' || reservation_id, counter, sum(delta) from proved
    where counter in ('HELD', 'CONFIRMED', 'ALLOCATED', 'UNBACKED', 'DATED_HELD', 'DATED_CONFIRMED')
    group by sku, reservation_id, counter
    union all
    select sku, 'reservation ' || reservation_id || ' at nodes', 'ALLOCATED', sum(allocated)
    from line group by sku, reservation_id
    union all
    select sku, 'reservation ' || reservation_id, purpose, sum(moved)
    from proved join (values ('RESERVE', 'RESERVED'), ('RELEASE', 'RELEASED'), ('EXPIRE', 'RELEASED'),
      ('SHORTFALL_RELEASE', 'RELEASED'), ('CANCEL', 'RELEASED'), ('SHIP', 'SHIPPED'), ('ORDER', 'RESERVED'),
      ('REFUND', 'RELEASED')) as p (cause, purpose) using (cause)
    where counter in ('HELD', 'CONFIRMED', 'ALLOCATED', 'DATED_HELD', 'DATED_CONFIRMED')
    group by sku, reservation_id, purpose
  ),
  compared as (
    select sku, place, counter, coalesce(stored.value, 0) as stored, coalesce(folded.value, 0) as folded
    from (select * from stored where value <> 0) stored
    full join (select * from folded where value <> 0) folded using (sku, place, counter)
  )
  select difference.sku, difference.place, difference.counter, difference.stored::float8 as stored,
    difference.folded::float8 as folded, total.checked::int as checked
  from (select count(*) as checked from compared) total
  left join (select * from compared where stored <> folded order by sku, place, counter limit ?) difference on true`;
