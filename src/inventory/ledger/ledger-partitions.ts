import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from '../../platform/database/database.ts';
import { LIVE_LINE } from '../availability/read-availability.sql.ts';

/** A month of the ledger, as `2026-01`; its days are those of UTC. */
export interface LedgerMonth {
  month: string;
  /** The table that holds it. */
  table: string;
  /** As the database estimates them. */
  movements: number;
}

export interface DetachedMonth extends LedgerMonth {
  closingRows: number;
}

/** Months that have a partition ahead of the one that runs. */
const MONTHS_AHEAD = 3;
/** Rebalancing looks back so far, and people do. */
const KEPT_DAYS = 90;
/** While a detachment waits for its lock, the engine waits behind it. */
const LOCK_TIMEOUT_MS = 500;
const LOCK_ATTEMPTS = 60;
const BETWEEN_ATTEMPTS_MS = 1000;
const LOCK_NOT_AVAILABLE = '55P03';

/** Makes the partitions of the months to come, so that the default one stays empty. Cheap when they are there. */
export async function addLedgerMonths(em: EntityManager): Promise<void> {
  await em.transactional(async (tx) => {
    await tx.execute(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await tx.execute(
      `select add_ledger_month((date_trunc('month', hub_now() at time zone 'utc') + make_interval(months => ahead))::date)
       from generate_series(0, ${MONTHS_AHEAD}) as ahead`,
    );
  });
}

/** Months that are attached, oldest first. */
export function ledgerMonths(em: EntityManager): Promise<LedgerMonth[]> {
  return em.execute<LedgerMonth[]>(
    `select replace(right(relname, 7), '_', '-') as month, relname as table, greatest(reltuples, 0)::float8 as movements
     from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent = 'stock_movement'::regclass and relname ~ '^stock_movement_\\d{4}_\\d{2}$'
     order by relname`,
  );
}

/**
 * Detaches the oldest month from the ledger, in one transaction. What it had moved is written down before: a closing
 * row for each counter, and for each counter and cause of a reservation that is still live, which the audit adds to
 * what it folds. Reservations that have ended are not compared with the ledger any more. The table stays, beside the
 * ledger.
 * @throws Error when it is not the oldest, is too young, or the ledger was in use for a minute
 */
export async function detachLedgerMonth(em: EntityManager, month: string): Promise<DetachedMonth> {
  const [oldest] = await ledgerMonths(em);
  if (oldest?.month !== month)
    throw new Error(
      `${month} is not the oldest month of the ledger, which is ${oldest?.month ?? 'not there'}.`,
    );
  return em.transactional(async (tx) => {
    const { table } = oldest;
    await requireOld(tx, month);
    // Nobody writes so far back; this makes sure.
    await tx.execute(`lock table ${table} in share row exclusive mode`);
    const closed = await close(tx, month, table);
    await detach(tx, table);
    return { month, table, ...closed };
  });
}

async function requireOld(em: EntityManager, month: string): Promise<void> {
  const [row] = await em.execute<{ old: boolean; strays: boolean }[]>(
    `select ${endOf} <= hub_now() - make_interval(days => ${KEPT_DAYS}) as old,
       exists (select 1 from stock_movement_default where at < ${endOf}) as strays`,
    [month, month],
  );
  if (!row!.old) throw new Error(`${month} ended less than ${KEPT_DAYS} days ago.`);
  if (row!.strays) throw new Error(`stock_movement_default holds movements of ${month} or before.`);
}

/** The instant at which a month ends; takes the month as argument. */
const endOf = `((?::text || '-01')::timestamp + interval '1 month') at time zone 'utc'`;

const LIVE = `select reservation_id from reservation_line where ${LIVE_LINE}`;

async function close(em: EntityManager, month: string, table: string) {
  const [row] = await em.execute<{ closingRows: number }[]>(
    `with live as materialized (select distinct reservation_id from (${LIVE}) line),
     closing as (
       insert into stock_closing (month, sku, pool, node, counter, supply_id, reservation_id, cause, delta, moved)
       select (? || '-01')::date, sku, pool, node, counter, supply_id, live.reservation_id,
         case when live.reservation_id is not null then cause end as of_live, sum(delta), sum(abs(delta))
       from ${table} movement left join live using (reservation_id)
       group by sku, pool, node, counter, supply_id, live.reservation_id, of_live
       having live.reservation_id is not null or sum(delta) <> 0
       returning 1
     )
     select count(*)::int as "closingRows" from closing`,
    [month],
  );
  // Ended since the month before was closed: their rows become sums of counters, like those of others. After the above,
  // so that none that ended meanwhile is left with a part of its rows.
  await em.execute(
    `update stock_closing set reservation_id = null, cause = null
     where reservation_id is not null and reservation_id not in (${LIVE})`,
  );
  const [sum] = await em.execute<{ movements: number }[]>(
    `insert into stock_closed_month (month, until, movements, closed_at)
     select (? || '-01')::date, ${endOf}, count(*), hub_now() from ${table} returning movements::float8 as movements`,
    [month, month],
  );
  return { ...row!, ...sum! };
}

/** Waits for its lock a little at a time: an audit holds it for minutes, and the engine must not wait for that. */
async function detach(em: EntityManager, table: string): Promise<void> {
  await em.execute(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
  for (let attempt = 1; ; attempt++) {
    await em.execute('savepoint before_detach');
    try {
      await em.execute(`alter table stock_movement detach partition ${table}`);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || attempt === LOCK_ATTEMPTS) throw error;
      await em.execute('rollback to savepoint before_detach');
      await delay(BETWEEN_ATTEMPTS_MS);
    }
  }
}
