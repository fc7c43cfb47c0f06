import { CUTOFF, deleteInBatches } from '../../platform/database/delete-in-batches.ts';
import type { EntityManager } from '../../platform/database/database.ts';

/** Deletes writes that were queued more than `days` ago and are not to be tried any more. */
export function deleteOldWrites(em: EntityManager, days: number, signal: AbortSignal): Promise<number> {
  return deleteInBatches(
    em,
    `delete from source_write where position in (
       select position from source_write
       where state <> 'PENDING' and queued_at < ${CUTOFF} and coalesce(delivered_at, due_at) < ${CUTOFF}
       order by queued_at limit ? for update skip locked)
     returning 1`,
    [days, days],
    signal,
  );
}
