import { addLedgerMonths, deleteEndedReservations, retireLedgerMonths } from './inventory/index.ts';
import { readKnownOrders } from './order/index.ts';
import { deleteExpiredKeys } from './platform/api/idempotency.ts';
import type { EntityManager, Orm } from './platform/database/database.ts';
import { IntervalLoop } from './platform/jobs/interval-loop.ts';
import { JobMeter } from './platform/jobs/job.metrics.ts';
import type { Config } from './platform/process/config.ts';
import type { Logger } from './platform/process/log.ts';
import { deleteDecidedTasks } from './review/index.ts';
import { deleteEndedDecisions, deleteOldTracking } from './routing/index.ts';
import { deleteExpiredHints, deleteOldWrites } from './sync/index.ts';
import { deleteExpiredDeliveries } from './webhooks/index.ts';

const HOUSEKEEPING_MS = 3_600_000;
const TURNS_A_DAY = 24;
const meter = new JobMeter('housekeeping');

type Settings = Pick<Config, 'idempotencyDays' | 'retention'>;
type Step = (em: EntityManager) => Promise<unknown>;

/**
 * Deletes what the settings call too old, once. Steps of one list go after each other: keys before what their replies
 * point to, months of the ledger before the reservations that they prove. A list that fails is tried again an hour later.
 * @param isDaily whether it is the turn of what is done once a day
 */
export async function runHousekeeping(
  orm: Orm,
  { idempotencyDays, retention }: Settings,
  log: Logger,
  signal: AbortSignal,
  isDaily = true,
): Promise<void> {
  const lists: Step[][] = [
    [
      (em) => deleteExpiredKeys(em, idempotencyDays),
      (em) => addLedgerMonths(em),
      // The audit before a month is detached reads the whole ledger.
      ...(isDaily
        ? [
            (em: EntityManager) => retireLedgerMonths(em, retention, log, signal),
            (em: EntityManager) =>
              deleteEndedReservations(em, retention.reservations, readKnownOrders, signal),
          ]
        : []),
      (em) => deleteEndedDecisions(em, retention.decisions, signal),
      (em) => deleteOldWrites(em, retention.outbox, signal),
    ],
    [(em) => deleteOldTracking(em, retention.tracking, signal)],
    [(em) => deleteDecidedTasks(em, retention.tasks, signal)],
    [(em) => deleteExpiredDeliveries(em, retention, signal)],
    [(em) => deleteExpiredHints(em)],
  ];
  const work = lists.map(async (steps) => {
    for (const step of steps) if (!signal.aborted) await step(orm.em.fork());
  });
  await meter
    .measure(async () => {
      const ends = await Promise.allSettled(work);
      const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
      for (const failure of failures) log.warn({ err: failure }, 'housekeeping failed');
      if (failures.length > 0) throw failures[0];
    })
    .catch(() => undefined); // logged, and counted
}

/** Runs housekeeping now and every hour. @returns what ends it: the batch under way is waited for */
export function startHousekeeping(orm: Orm, settings: Settings, log: Logger): () => Promise<void> {
  const stopping = new AbortController();
  let turn = 0;
  const clean = () => runHousekeeping(orm, settings, log, stopping.signal, turn++ % TURNS_A_DAY === 0);
  const first = clean();
  const turns = new IntervalLoop(HOUSEKEEPING_MS, clean);
  turns.start();
  return async () => {
    stopping.abort();
    await turns.stop();
    await first;
  };
}
