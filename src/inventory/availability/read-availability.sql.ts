/** A line whose units are neither freed nor shipped; in these words an index knows it. */
export const LIVE_LINE = 'released + shipped < reserved';
/** True of every line. The index by place begins with whether a line is live, so who wants all lines of a SKU asks for both. */
export const ANY_LINE = `(${LIVE_LINE}) in (true, false)`;

/** Promises for later days whose hold has not ended, in sums by day: enough while each can be kept and none is due. */
const SUMS_BY_DAY = `
  select jsonb_agg(jsonb_build_object('promisedOn', promised_on, 'units', units)) from (
    select promised_on, sum(dated) as units from reservation_line line
    where line.sku = wanted.sku and line.pool = wanted.pool and dated > 0
      and (hold_expires_at is null or hold_expires_at > instant.now)
    group by promised_on
  ) line`;

/** Each of them, those first that go first (engine/settle-plans.ts). */
const ONE_BY_ONE = `
  select jsonb_agg(jsonb_build_object('promisedOn', promised_on, 'units', dated, 'channel', channel,
    'held', hold_expires_at is not null) order by hold_expires_at is not null, reservation_id, line_no)
  from reservation_line line
  where line.sku = wanted.sku and line.pool = wanted.pool and dated > 0
    and (hold_expires_at is null or hold_expires_at > instant.now)`;

/** Supply that counts at the instant. */
export const SUPPLIES = `
  select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'quantity', quantity, 'availableOn', available_on)), '[]')
  from stock_supply supply
  where supply.sku = wanted.sku and supply.pool = wanted.pool and quantity > 0
    and (counts_from is null or counts_from <= instant.now)`;

export const RULES = `jsonb_build_object('timeZone', pool.time_zone, 'resaleRate', pool.resale_rate,
  'overdue', jsonb_build_object('offsetDays', pool.overdue_offset_days, 'fenceDays', pool.overdue_fence_days))`;

const readAtp = (promises: string) => `
  with instant as materialized (select hub_now() as now),
  escrow as materialized (
    select coalesce(jsonb_agg(code order by code), '[]') as channels from channel where sells_from = 'ESCROW'
  )
  select escrow.channels as "escrowChannels", wanted.sku, wanted.pool, instant.now, ended.units::int as expired,
    greatest(ended.last, quota.released_at) as "lastClockChange",
    least(upcoming.hold_expires_at, quota.release_at) as "nextClockChange", quota.quotas, plan.*,
    midnight.today as "dayBegan", midnight.tomorrow as "dayEnds",
    coalesce(midnight.today <= balance.committed_at, false) as "writtenToday",
    start.last as "lastStart", start.next as "nextStart",
    on_hand as "onHand", allocated, confirmed, held, unbacked, future_draw as "futureDraw",
    commit_counter::float8 as "commitCounter", buffer_fixed as "bufferFixed", buffer_rate::float8 as "bufferRate"
  from instant cross join escrow cross join
    rows from (jsonb_to_recordset(?::jsonb) as (sku text, pool text)) with ordinality as wanted (sku, pool, position)
  left join stock_balance balance using (sku, pool)
  left join lateral (
    select sum(reserved - released - dated) as units, max(hold_expires_at) as last
    from reservation_line line
    where line.sku = wanted.sku and line.pool = wanted.pool and hold_expires_at <= instant.now and ${LIVE_LINE}
  ) ended on true
  left join lateral (
    select hold_expires_at
    from reservation_line line
    where line.sku = wanted.sku and line.pool = wanted.pool and hold_expires_at > instant.now and ${LIVE_LINE}
    order by hold_expires_at
    limit 1
  ) upcoming on true
  left join lateral (
    select max(release_at) filter (where release_at <= instant.now and not part_released) as released_at,
      min(release_at) filter (where release_at > instant.now) as release_at,
      jsonb_agg(jsonb_build_object('channel', channel, 'exclusive', exclusive, 'sharedCap', shared_cap,
        'released', part_released or coalesce(release_at <= instant.now, false), 'used', used - coalesce((
      select sum(reserved - released - dated)
      from reservation_line line
      where line.sku = q.sku and line.pool = q.pool and line.channel = q.channel
        and hold_expires_at <= instant.now and ${LIVE_LINE}
    ), 0)) order by channel) as quotas
    from channel_quota q
    -- asked of nothing that has none
    where balance.has_quotas and q.sku = wanted.sku and q.pool = wanted.pool
  ) quota on true
  left join lateral (
    select date_trunc('day', instant.now at time zone time_zone) at time zone time_zone as today,
      (date_trunc('day', instant.now at time zone time_zone) + interval '1 day') at time zone time_zone as tomorrow
    from pool where pool.code = wanted.pool
  ) midnight on true
  left join lateral (
    select max(counts_from) filter (where counts_from > balance.committed_at and counts_from <= instant.now) as last,
      min(counts_from) filter (where counts_from > instant.now) as next
    from stock_supply supply
    where balance.has_presale and supply.sku = wanted.sku and supply.pool = wanted.pool
  ) start on true
  left join lateral (
    select ${RULES} as rules, (${promises}) as promises, (${SUPPLIES}) as supplies
    from pool
    -- nothing of it matters where nothing is promised for later days
    where pool.code = wanted.pool and balance.dated_held + balance.dated_confirmed > 0
  ) plan on true
  order by position`;

export const READ_PROMISES = readAtp(SUMS_BY_DAY);
export const READ_PROMISES_ONE_BY_ONE = readAtp(ONE_BY_ONE);
