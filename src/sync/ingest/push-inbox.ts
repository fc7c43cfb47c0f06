import type { PushHint, RawRecord } from '../../../connectors/spi/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { newId } from '../../platform/database/ids.ts';
import { storableJson } from './stream-store.ts';

/** How long a push is known as such; sources repeat theirs for hours. */
const KNOWN_DAYS = 7;
/** Hints that are looked at together. */
const AT_ONCE = 500;

/** A hint not read back yet, or carried records not ingested yet. */
export interface PendingHint {
  id: string;
  stream: string;
  recordIds: string[];
  /** The records that the push carried; null where it is to be read back. */
  records: RawRecord[] | null;
}

/**
 * Stores the hints of a push, and the records that it carries. @returns how many hints were new: a push that is known
 * already changes nothing
 */
export async function storeHints(
  em: EntityManager,
  connector: string,
  hints: readonly PushHint[],
): Promise<number> {
  if (hints.length === 0) return 0;
  // What has no id of its own cannot be told from another one: it is looked at each time.
  const rows = hints.map(({ pushId, ...hint }) => ({ ...hint, pushId: pushId ?? `none ${newId()}` }));
  const kept = await em.execute<unknown[]>(
    `insert into push_hint (connector, stream, push_id, record_ids, records, received_at)
     select ?, stream, "pushId", "recordIds", records, hub_now()
     from jsonb_to_recordset(?::jsonb) as hint (stream text, "pushId" text, "recordIds" jsonb, records jsonb)
     on conflict do nothing returning id`,
    [connector, storableJson(rows)],
  );
  return kept.length;
}

/** Oldest first. */
export async function pendingHints(em: EntityManager, connector: string): Promise<PendingHint[]> {
  return em.execute<PendingHint[]>(
    `select id::text, stream, record_ids as "recordIds", records from push_hint
     where connector = ? and taken_at is null order by push_hint.id limit ?`,
    [connector, AT_ONCE],
  );
}

/** From here on only the push's id is of use. */
export async function markIngested(em: EntityManager, hints: readonly PendingHint[]): Promise<void> {
  await em.execute(
    `update push_hint set taken_at = hub_now(), records = null
     where id in (select jsonb_array_elements_text(?::jsonb)::bigint)`,
    [JSON.stringify(hints.map(({ id }) => id))],
  );
}

export async function countPending(em: EntityManager, connector: string): Promise<number> {
  const [row] = await em.execute<{ count: number }[]>(
    'select count(*)::int as count from push_hint where connector = ? and taken_at is null',
    [connector],
  );
  return row!.count;
}

export async function deleteExpiredHints(em: EntityManager): Promise<void> {
  await em.execute('delete from push_hint where taken_at < (select hub_now() - make_interval(days => ?))', [
    KNOWN_DAYS,
  ]);
}
