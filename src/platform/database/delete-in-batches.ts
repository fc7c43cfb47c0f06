import type { EntityManager } from './database.ts';

/** Rows of one batch: they stay locked while it runs. */
const BATCH = 1_000;

/**
 * Runs a statement again and again until it finds less than a batch, each time in a transaction of its own.
 * @param statement deletes at most as many rows as its last parameter says, and returns one row for each
 * @param signal ends it between two batches
 * @returns how many rows were deleted
 */
export async function deleteInBatches(
  em: EntityManager,
  statement: string,
  parameters: readonly unknown[],
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  for (let found = BATCH; found === BATCH && !signal.aborted; deleted += found) {
    const rows = await em.execute<unknown[]>(statement, [...parameters, BATCH]);
    found = rows.length;
  }
  return deleted;
}

/** The instant before which rows are too old; takes their days as parameter. */
export const CUTOFF = '(select hub_now() - make_interval(days => ?))';

/**
 * The least id that rows made a day after `CUTOFF` can have: ids are in the order of time (UUID version 7), so a bound by
 * it reads the oldest part of a table only. The day is for clocks that differ. Takes the days as parameter.
 */
export const CUTOFF_ID = `(select rpad(lpad(to_hex(floor(extract(epoch from
  hub_now() - make_interval(days => ?) + interval '1 day') * 1000)::bigint), 12, '0') || '7', 32, '0')::uuid)`;
