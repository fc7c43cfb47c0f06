import { setTimeout as delay } from 'node:timers/promises';
import { MAX_REJECT_RAW_CHARS, type Page, type RawRecord } from '../../../connectors/spi/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import type { ImportResult } from '../../platform/import/import-result.ts';
import { isLockConflict } from '../../platform/database/lock-conflict.ts';
import type { Logger } from '../../platform/process/log.ts';
import { isTransientError } from '../../platform/database/transient-error.ts';
import type { RecordImporters } from './record-importers.ts';
import { mapRecord, type CompiledMapping, type MappedRecord } from '../mapping/index.ts';
import { storeRawRecords } from './raw-record-store.ts';
import {
  deleteDeadLetters,
  storeDeadLetters,
  recordKey,
  writeCursor,
  type DeadLetter,
  type StreamId,
} from './stream-store.ts';

const CONFLICT_ATTEMPTS = 5;
const CONFLICT_WAIT_MS = 50;

export interface IngestDeps {
  em: EntityManager;
  importers: RecordImporters;
  log: Logger;
  /** How long records are kept as the source had them; none are if left out, or 0. */
  rawDays?: number;
}

interface Mapped {
  raw: RawRecord;
  record: MappedRecord['record'];
}

const NOTHING: ImportResult = { accepted: 0, rejected: [] };

/** No record is at fault. */
class ProgressNotStored extends Error {}

/** Stores the progress of records beside their domain: what is refused, and where the stream stands then. */
type StoreProgress = (em: EntityManager, refusals: readonly DeadLetter[]) => Promise<void>;

/**
 * Ingests a page: maps its records, gives them to their domain, keeps as dead letters what cannot be taken, and stores
 * the cursor, all in one transaction. What one record breaks, the others do not pay for.
 * @param resyncId who wanted the stream read from where this read began (stream-store.ts)
 */
export async function ingestPage(
  parts: IngestDeps,
  id: StreamId,
  mapping: CompiledMapping,
  page: Page,
  resyncId?: string,
): Promise<void> {
  await ingest(parts, id, mapping, page, async (em) => {
    if (parts.rawDays) await storeRawRecords(em, id, page.records);
    await writeCursor(em, id, page.cursor, page.records.length + page.rejects.length, resyncId);
  });
}

/** Ingests records that were read back by their ids; the stream goes on where it stands. */
export async function ingestReread(
  parts: IngestDeps,
  id: StreamId,
  mapping: CompiledMapping,
  records: RawRecord[],
): Promise<void> {
  await ingest(parts, id, mapping, { records, rejects: [] }, async (em) => {
    if (parts.rawDays) await storeRawRecords(em, id, records);
  });
}

/** Tries records of dead letters again, and keeps those that still cannot be taken. */
export async function retryRecords(
  parts: IngestDeps,
  id: StreamId,
  mapping: CompiledMapping,
  records: RawRecord[],
): Promise<void> {
  await ingest(parts, id, mapping, { records, rejects: [] }, async () => undefined);
}

async function ingest(
  parts: IngestDeps,
  id: StreamId,
  mapping: CompiledMapping,
  page: Pick<Page, 'records' | 'rejects'>,
  noteProgress: (em: EntityManager) => Promise<void>,
): Promise<void> {
  const { mapped, refused } = await mapAll(mapping, page);
  const note: StoreProgress = async (em, rejected) => {
    const refusals = [...refused, ...rejected];
    const refusedKeys = new Set(refusals.map(({ key }) => key));
    await deleteDeadLetters(
      em,
      id,
      page.records.filter((raw) => !refusedKeys.has(recordKey(raw))),
    );
    await storeDeadLetters(em, id, refusals);
    await noteProgress(em);
  };
  try {
    await commit(parts, id, mapping, mapped, note);
  } catch (error) {
    if (isTransientError(error) || error instanceof ProgressNotStored) throw error;
    const rejected = await oneByOne(parts, id, mapping, mapped);
    await commit(parts, id, mapping, [], (em) => note(em, rejected));
  }
}

/**
 * Finds the records at fault, each in a transaction of its own: one for all would hold the locks of every record
 * before, in the order of the file and not in that of the domains. A crash in between does no harm: the cursor is
 * written after the last, and records are idempotent.
 */
async function oneByOne(
  parts: IngestDeps,
  id: StreamId,
  mapping: CompiledMapping,
  mapped: Mapped[],
): Promise<DeadLetter[]> {
  const refusals: DeadLetter[] = [];
  for (const one of mapped) {
    try {
      refusals.push(...(await commit(parts, id, mapping, [one], async () => undefined)));
    } catch (error) {
      if (isTransientError(error)) throw error;
      parts.log.error({ err: error, origin: one.raw.origin }, 'a record could not be stored');
      refusals.push(refusalOf(one.raw, 'The hub could not store this record; its log has the defect.'));
    }
  }
  return refusals;
}

/** One transaction, tried again while others are in its way. @returns what the domain refuses */
async function commit(
  parts: IngestDeps,
  id: StreamId,
  mapping: CompiledMapping,
  mapped: Mapped[],
  note: StoreProgress,
): Promise<DeadLetter[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await commitOnce(parts, id, mapping, mapped, note);
    } catch (error) {
      if (!isLockConflict(error) || attempt === CONFLICT_ATTEMPTS) throw error;
      parts.log.warn({ err: error, ...id, attempt }, 'a page met a lock conflict and is tried again');
      await delay(CONFLICT_WAIT_MS * attempt * (1 + Math.random()));
    }
  }
}

async function commitOnce(
  parts: IngestDeps,
  id: StreamId,
  mapping: CompiledMapping,
  mapped: Mapped[],
  note: StoreProgress,
): Promise<DeadLetter[]> {
  const { rejected, afterCommit } = await parts.em.fork().transactional(async (em) => {
    const records = mapped.map(({ record }) => record) as never[];
    const result = records.length > 0 ? await parts.importers[mapping.entity](em, records, id) : NOTHING;
    const refusals = result.rejected.map(({ index, reason }) => refusalOf(mapped[index]!.raw, reason));
    await note(em, refusals).catch((cause: unknown) => {
      throw new ProgressNotStored('What became of the records could not be noted', { cause });
    });
    return { rejected: refusals, afterCommit: result.afterCommit };
  });
  afterCommit?.();
  return rejected;
}

async function mapAll(mapping: CompiledMapping, page: Pick<Page, 'records' | 'rejects'>) {
  const mapped: Mapped[] = [];
  const refused: DeadLetter[] = page.rejects.map(({ origin, reason, raw }) => ({
    key: `place ${origin}`,
    origin,
    reason,
    record: null,
    raw,
  }));
  for (const raw of page.records) {
    const result = await mapRecord(mapping, raw);
    if (result.ok) mapped.push({ raw, record: result.record });
    else refused.push(refusalOf(raw, result.reason, result.origin));
  }
  return { mapped, refused };
}

function refusalOf(raw: RawRecord, reason: string, origin = raw.origin): DeadLetter {
  const text = JSON.stringify(raw.rows?.map((row) => row.data) ?? raw.data);
  return { key: recordKey(raw), origin, reason, record: raw, raw: text.slice(0, MAX_REJECT_RAW_CHARS) };
}
