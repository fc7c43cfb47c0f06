import { v7 as uuidv7 } from 'uuid';
import type { Cursor, RawRecord } from '../../connectors/spi/index.ts';
import type { EntityManager } from '../platform/database.ts';

/** A stream of a connector. */
export interface StreamId {
  connector: string;
  stream: string;
}

/** Something that could not be taken in, to be kept, shown and tried again. */
export interface Refusal {
  key: string;
  origin: string;
  reason: string;
  record: RawRecord | null;
  raw: string;
}

export async function readCursor(em: EntityManager, { connector, stream }: StreamId): Promise<Cursor | null> {
  const rows = await em.execute<{ cursor: Cursor | null }[]>(
    'select cursor from connector_stream where connector = ? and stream = ?',
    [connector, stream],
  );
  return rows[0]?.cursor ?? null;
}

export async function writeCursor(
  em: EntityManager,
  id: StreamId,
  cursor: Cursor,
  read: number,
): Promise<void> {
  await em.execute(
    `insert into connector_stream (connector, stream, cursor, records_read, last_read_at)
     values (?, ?, ?::jsonb, ?, hub_now())
     on conflict (connector, stream) do update
     set cursor = excluded.cursor, records_read = connector_stream.records_read + excluded.records_read,
         last_read_at = excluded.last_read_at, last_error = null`,
    [id.connector, id.stream, JSON.stringify(cursor), read],
  );
}

/** A read that found nothing new still says that what we have is what the source has. */
export async function markRead(em: EntityManager, { connector, stream }: StreamId): Promise<void> {
  await em.execute(
    `insert into connector_stream (connector, stream, last_read_at) values (?, ?, hub_now())
     on conflict (connector, stream) do update set last_read_at = excluded.last_read_at, last_error = null`,
    [connector, stream],
  );
}

export async function markFailed(
  em: EntityManager,
  { connector, stream }: StreamId,
  error: string,
): Promise<void> {
  await em.execute(
    `insert into connector_stream (connector, stream, last_error) values (?, ?, ?)
     on conflict (connector, stream) do update set last_error = excluded.last_error`,
    [connector, stream, error],
  );
}

/** Streams that the source has no more have nothing that a person could mend. */
export async function forgetFailuresExcept(
  em: EntityManager,
  connector: string,
  streams: string[],
): Promise<void> {
  await em.execute(
    `update connector_stream set last_error = null
     where connector = ? and last_error is not null and stream not in (select jsonb_array_elements_text(?::jsonb))`,
    [connector, JSON.stringify(streams)],
  );
}

/** Keeps refusals; one that is met again counts an attempt and has the newest reason. */
export async function keepRefusals(
  em: EntityManager,
  id: StreamId,
  refusals: readonly Refusal[],
): Promise<void> {
  if (refusals.length === 0) return;
  const rows = [...new Map(refusals.map((refusal) => [refusal.key, refusal])).values()];
  await em.execute(
    `insert into dead_letter (id, connector, stream, key, origin, reason, record, raw, first_seen_at)
     select id, ?, ?, key, origin, reason, record, raw, hub_now()
     from jsonb_to_recordset(?::jsonb) as r (id uuid, key text, origin text, reason text, record jsonb, raw text)
     on conflict (connector, stream, key) do update
     set origin = excluded.origin, reason = excluded.reason, record = excluded.record, raw = excluded.raw,
         attempts = dead_letter.attempts + 1`,
    [id.connector, id.stream, storableJson(rows.map((row) => ({ id: uuidv7(), ...row })))],
  );
}

/** What has been taken in after all is no dead letter any more: by its id, or by the place where it was found. */
export async function forgetRefusals(
  em: EntityManager,
  id: StreamId,
  taken: readonly RawRecord[],
): Promise<void> {
  if (taken.length === 0) return;
  const ids = taken.map(({ id: recordId }) => recordId);
  const origins = taken.flatMap(({ origin, rows }) => [origin, ...(rows ?? []).map((row) => row.origin)]);
  await em.execute(
    `delete from dead_letter where connector = ? and stream = ?
       and (record->>'id' in (select jsonb_array_elements_text(?::jsonb)) or origin in (select jsonb_array_elements_text(?::jsonb)))`,
    [id.connector, id.stream, storableJson(ids), storableJson(origins)],
  );
}

/** Two rows may claim to be one record; each is kept. */
export function recordKey(record: RawRecord): string {
  return `record ${record.id} at ${record.origin}`;
}

/**
 * PostgreSQL's JSON has no NUL and no half of a surrogate pair, which broken files have, and texts that were shortened
 * in the middle of an emoji: one of them must not keep a page from being stored.
 */
function storableJson(value: unknown): string {
  return JSON.stringify(value).replace(/\\(?:\\|u0000|ud[89a-f][\da-f]{2})/g, (found) =>
    found === '\\\\' ? found : '\\ufffd',
  );
}
