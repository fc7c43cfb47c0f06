import type { EntityManager } from '../platform/database.ts';
import { noBalance, type BalanceFigures, type Supply } from './available-to-promise.ts';
import type { ChannelQuota } from './quota.ts';
import { atpVersion } from './atp-version.ts';
import type { StockPlace } from './engine/locked-stock.ts';

/** What is promised of a SKU in a pool at one instant. */
export interface PromiseReading extends StockPlace {
  figures: BalanceFigures;
  /** Parts that are kept for channels; what expired holds had used of them is free again. */
  quotas: ChannelQuota[];
  version: string;
  asOf: Date;
  /** When the next hold ends, or part is released: the number moves though nobody writes. */
  nextChangeAt: Date | null;
}

interface Row extends Omit<BalanceFigures, 'expired'>, StockPlace {
  commitCounter: number | null;
  expired: number | null;
  quotas: ChannelQuota[] | null;
  /** Of what the clock alone has changed and no write has taken in: the latest instant. */
  lastClockChange: Date | null;
  nextClockChange: Date | null;
  now: Date;
}

/**
 * Reads promises in one statement and in the order of `places`. Holds that have ended count as free from their
 * instant on, whether or not anything has reclaimed them.
 */
export async function readPromises(
  em: EntityManager,
  places: readonly StockPlace[],
): Promise<PromiseReading[]> {
  const rows = await em.execute<Row[]>(READ_PROMISES, [JSON.stringify(places)]);
  return rows.map((row) => {
    const { sku, pool, commitCounter, lastClockChange, nextClockChange, now, quotas, ...figures } = row;
    return {
      sku,
      pool,
      figures: commitCounter === null ? noBalance : { ...figures, expired: figures.expired ?? 0 },
      quotas: quotas ?? [],
      version: atpVersion(commitCounter ?? 0, lastClockChange && new Date(lastClockChange)),
      asOf: new Date(now),
      nextChangeAt: nextClockChange && new Date(nextClockChange),
    };
  });
}

const READ_PROMISES = `
  with instant as materialized (select hub_now() as now)
  select wanted.sku, wanted.pool, instant.now, ended.units::int as expired,
    greatest(ended.last, quota.released_at) as "lastClockChange",
    least(upcoming.hold_expires_at, quota.release_at) as "nextClockChange", quota.quotas,
    on_hand as "onHand", allocated, confirmed, held, unbacked, future_draw as "futureDraw",
    commit_counter::float8 as "commitCounter", buffer_fixed as "bufferFixed", buffer_rate::float8 as "bufferRate"
  from instant cross join
    rows from (jsonb_to_recordset(?::jsonb) as (sku text, pool text)) with ordinality as wanted (sku, pool, position)
  left join stock_balance balance using (sku, pool)
  left join lateral (
    select sum(reserved - released) as units, max(hold_expires_at) as last
    from reservation_line line
    where line.sku = wanted.sku and line.pool = wanted.pool and hold_expires_at <= instant.now
  ) ended on true
  left join lateral (
    select hold_expires_at
    from reservation_line line
    where line.sku = wanted.sku and line.pool = wanted.pool and hold_expires_at > instant.now
    order by hold_expires_at
    limit 1
  ) upcoming on true
  left join lateral (
    select max(release_at) filter (where release_at <= instant.now and not part_released) as released_at,
      min(release_at) filter (where release_at > instant.now) as release_at,
      jsonb_agg(jsonb_build_object('channel', channel, 'exclusive', exclusive, 'sharedCap', shared_cap,
        'released', part_released or coalesce(release_at <= instant.now, false), 'used', used - coalesce((
      select sum(reserved - released)
      from reservation_line line
      where line.sku = q.sku and line.pool = q.pool and line.channel = q.channel and hold_expires_at <= instant.now
    ), 0)) order by channel) as quotas
    from channel_quota q
    -- asked of nothing that has none
    where balance.has_quotas and q.sku = wanted.sku and q.pool = wanted.pool
  ) quota on true
  order by position`;

/** Supplies still to come, per place, in the order of `places`. */
export async function readSupplies(em: EntityManager, places: readonly StockPlace[]): Promise<Supply[][]> {
  const rows = await em.execute<{ supplies: Supply[] }[]>(
    `select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'quantity', quantity, 'availableOn', available_on))
              filter (where id is not null), '[]') as supplies
     from rows from (jsonb_to_recordset(?::jsonb) as (sku text, pool text)) with ordinality as wanted (sku, pool, position)
     left join stock_supply supply on supply.sku = wanted.sku and supply.pool = wanted.pool and supply.quantity > 0
     group by position
     order by position`,
    [JSON.stringify(places)],
  );
  return rows.map((row) => row.supplies);
}
