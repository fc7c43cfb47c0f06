import { addLedgerMonths, deleteEndedReservations, retireLedgerMonths } from './inventory/index.ts';
import { readKnownOrders } from './order/index.ts';
import { deleteExpiredKeys } from './platform/api/idempotency.ts';
import type { EntityManager, Orm } from './platform/database/database.ts';
import type { Job } from './platform/jobs/job.ts';
import type { Config } from './platform/process/config.ts';
import type { Logger } from './platform/process/log.ts';
import { deleteDecidedTasks } from './review/index.ts';
import { deleteEndedDecisions, deleteOldTracking } from './routing/index.ts';
import { deleteExpiredHints, deleteOldWrites } from './sync/index.ts';
import { deleteExpiredDeliveries } from './webhooks/index.ts';

const HOUSEKEEPING_MS = 3_600_000;
/** A little less than a day, so that what is done once a day keeps its hour. */
const ALMOST_A_DAY_MS = 23.5 * HOUSEKEEPING_MS;

type Settings = Pick<Config, 'idempotencyDays' | 'retention'>;
type Step = (em: EntityManager) => Promise<unknown>;

/**
 * Deletes what the settings call too old, once. Steps of one list go after each other: keys before what their replies
 * point to, months of the ledger before the reservations that they prove. A list that fails does not hold up the others.
 * @param isDaily whether it is the turn of what is done once a day
 * @throws AggregateError with the failures
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
  const ends = await Promise.allSettled(work);
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  if (failures.length > 0) throw new AggregateError(failures, 'Housekeeping failed in part.');
}

/** Housekeeping, at the start and every hour. */
export function housekeepingJob(orm: Orm, settings: Settings, log: Logger): Job {
  let dailyAt = -Infinity;
  return {
    name: 'housekeeping',
    everyMs: HOUSEKEEPING_MS,
    scope: 'PROCESS',
    runsAtStart: true,
    async run(signal) {
      const now = performance.now();
      const isDaily = now - dailyAt >= ALMOST_A_DAY_MS;
      await runHousekeeping(orm, settings, log, signal, isDaily);
      if (isDaily) dailyAt = now;
    },
  };
}
