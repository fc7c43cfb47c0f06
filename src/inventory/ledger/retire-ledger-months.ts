import type { EntityManager } from '../../platform/database/database.ts';
import type { Logger } from '../../platform/process/log.ts';
import { auditStock } from './audit-stock.ts';
import { detachLedgerMonth, ledgerMonths } from './ledger-partitions.ts';

export interface LedgerRetention {
  /** Days from the end of a month until it leaves the ledger. */
  ledger: number;
  /** Days from the end of a month until its table is dropped. */
  ledgerArchive: number;
}

/** The first instant behind a month that is given as `2026-01`. */
const endOf = `((?::text || '-01')::timestamp + interval '1 month') at time zone 'utc'`;

/**
 * Detaches the months of the ledger that are old enough, oldest first, and drops the tables of those that were detached
 * and are older still. A month is detached only while a full audit finds nothing wrong, since it takes its errors along.
 */
export async function retireLedgerMonths(
  em: EntityManager,
  { ledger, ledgerArchive }: LedgerRetention,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  for (let oldest = await dueMonth(em, ledger); oldest && !signal.aborted;) {
    const { consistent, differences } = await auditStock(em.fork(), undefined);
    if (!consistent) {
      log.error(
        { month: oldest, differences: differences.slice(0, 10) },
        'a month of the ledger is not detached: the stock audit is not consistent',
      );
      break;
    }
    const { table, movements } = await detachLedgerMonth(em.fork(), oldest);
    log.info({ month: oldest, table, movements }, 'a month of the ledger was detached');
    oldest = await dueMonth(em, ledger);
  }
  if (!signal.aborted) await dropArchivedMonths(em, ledgerArchive, log);
}

async function dueMonth(em: EntityManager, days: number): Promise<string | undefined> {
  const [oldest] = await ledgerMonths(em);
  if (!oldest) return undefined;
  const [row] = await em.execute<{ due: boolean }[]>(
    `select ${endOf} < hub_now() - make_interval(days => ?) as due`,
    [oldest.month, days],
  );
  return row!.due ? oldest.month : undefined;
}

/** Only tables of months that are on record as closed: no other table has such a name by chance. */
async function dropArchivedMonths(em: EntityManager, days: number, log: Logger): Promise<void> {
  const tables = await em.execute<{ name: string }[]>(
    `select relname as name from stock_closed_month
     join pg_class on relname = 'stock_movement_' || to_char(month, 'YYYY_MM') and relkind = 'r'
       and pg_table_is_visible(pg_class.oid) and not relispartition
     where until < hub_now() - make_interval(days => ?) order by month`,
    [days],
  );
  for (const { name } of tables) {
    await em.execute(`drop table ${name}`);
    log.info({ table: name }, 'the table of a detached month of the ledger was dropped');
  }
}
