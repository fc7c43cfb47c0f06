import { CUTOFF, deleteInBatches } from '../platform/database/delete-in-batches.ts';
import type { EntityManager } from '../platform/database/database.ts';

/** Deletes tasks that were decided more than `days` ago; open ones stay however old they are. */
export function deleteDecidedTasks(em: EntityManager, days: number, signal: AbortSignal): Promise<number> {
  return deleteInBatches(
    em,
    `delete from review_task where id in (
       select id from review_task where status <> 'OPEN' and resolved_at < ${CUTOFF}
       order by resolved_at limit ? for update skip locked)
     returning 1`,
    [days],
    signal,
  );
}
