import type { Cursor, RawRecord } from '../../../connectors/spi/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { newId } from '../../platform/database/ids.ts';

/** A stream of a connector. */
export interface StreamId {
  connector: string;
  stream: string;
}

/** The one connector whose streams a merchant names; theirs are told apart by their own names. */
const IMPORT_FOLDER = 'files';

/** The name of the source in answers: a stream, of a configured source with its id before it. */
export function sourceNameOf({ connector, stream }: StreamId): string {
  return connector === IMPORT_FOLDER ? stream : `${connector}/${stream}`;
}

/** The connector that a name given by `sourceNameOf` belongs to. */
export function connectorOf(sourceName: string): string {
  const slash = sourceName.indexOf('/');
  return slash === -1 ? IMPORT_FOLDER : sourceName.slice(0, slash);
}

/** Something that could not be taken in, to be kept, shown and tried again. */
export interface DeadLetter {
  key: string;
  origin: string;
  reason: string;
  record: RawRecord | null;
  raw: string;
}

/** Where a stream is to be read from, once; by its id it is known whether another one was asked for meanwhile. */
interface ReadFrom {
  ask: string;
  cursor: Cursor | null;
}

/** Where a read begins. */
export interface ResumePoint {
  cursor: Cursor | null;
  /** Of whoever wanted it read from here; undefined where it goes on from where it stands. */
  ask: string | undefined;
  mappingDigest: string | null;
}

export async function readResumePoint(
  em: EntityManager,
  { connector, stream }: StreamId,
): Promise<ResumePoint> {
  const rows = await em.execute<
    { cursor: Cursor | null; readFrom: ReadFrom | null; mappingDigest: string | null }[]
  >(
    `select cursor, read_from as "readFrom", mapping_digest as "mappingDigest"
     from connector_stream where connector = ? and stream = ?`,
    [connector, stream],
  );
  const { cursor = null, readFrom = null, mappingDigest = null } = rows[0] ?? {};
  return readFrom
    ? { cursor: readFrom.cursor, ask: readFrom.ask, mappingDigest }
    : { cursor, ask: undefined, mappingDigest };
}

/** Has the next read begin at a cursor, wherever the stream stands; also when a read is under way. */
export async function requestResync(
  em: EntityManager,
  { connector, stream }: StreamId,
  cursor: Cursor | null,
): Promise<void> {
  await em.execute(
    `insert into connector_stream (connector, stream, read_from) values (?, ?, ?::jsonb)
     on conflict (connector, stream) do update set read_from = excluded.read_from`,
    [connector, stream, JSON.stringify({ ask: newId(), cursor } satisfies ReadFrom)],
  );
}

/** A requested resync is done once a read that began there has stored something, or found nothing. */
const DONE = `read_from = case when connector_stream.read_from->>'ask' = ? then null else connector_stream.read_from end`;

export async function writeCursor(
  em: EntityManager,
  id: StreamId,
  cursor: Cursor,
  read: number,
  ask?: string,
): Promise<void> {
  await em.execute(
    `insert into connector_stream (connector, stream, cursor, records_read, last_read_at)
     values (?, ?, ?::jsonb, ?, hub_now())
     on conflict (connector, stream) do update
     set cursor = excluded.cursor, records_read = connector_stream.records_read + excluded.records_read,
         last_read_at = excluded.last_read_at, last_error = null, ${DONE}`,
    [id.connector, id.stream, JSON.stringify(cursor), read, ask ?? ''],
  );
}

/** A read that found nothing new still says that what we have is what the source has. */
export async function markRead(
  em: EntityManager,
  { connector, stream }: StreamId,
  mappingDigest: string,
  ask?: string,
): Promise<void> {
  await em.execute(
    `insert into connector_stream (connector, stream, last_read_at, mapping_digest) values (?, ?, hub_now(), ?)
     on conflict (connector, stream) do update
     set last_read_at = excluded.last_read_at, mapping_digest = excluded.mapping_digest, last_error = null, ${DONE}`,
    [connector, stream, mappingDigest, ask ?? ''],
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
export async function deleteFailuresExcept(
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

/** Stores dead letters; one that is met again counts an attempt and has the newest reason. */
export async function storeDeadLetters(
  em: EntityManager,
  id: StreamId,
  refusals: readonly DeadLetter[],
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
    [id.connector, id.stream, storableJson(rows.map((row) => ({ id: newId(), ...row })))],
  );
}

/**
 * Deletes the dead letters of records that were imported after all: by its id, or by the place where it was found.
 */
export async function deleteDeadLetters(
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
export function storableJson(value: unknown): string {
  return JSON.stringify(value).replace(/\\(?:\\|u0000|ud[89a-f][\da-f]{2})/g, (found) =>
    found === '\\\\' ? found : '\\ufffd',
  );
}
