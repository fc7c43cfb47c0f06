import { MAX_REJECT_RAW_CHARS, type Page, type RawRecord } from '../../connectors/spi/index.ts';
import type { EntityManager } from '../platform/database.ts';
import { isConnectionLoss } from '../platform/connection-loss.ts';
import { HubError, errorCatalogue } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import type { Intakes } from './intake.ts';
import { mapRecord, type CompiledMapping, type MappedRecord } from './mapping/index.ts';
import { forgetRefusals, keepRefusals, recordKey, writeCursor, type Refusal, type StreamId } from './stream-store.ts';

export interface TakeParts {
  em: EntityManager;
  intakes: Intakes;
  log: Logger;
}

interface Mapped {
  raw: RawRecord;
  record: MappedRecord['record'];
}

/**
 * Takes a page in: maps its records, gives them to their domain, keeps as dead letters what cannot be taken, and
 * stores the cursor, all in one transaction. What one record breaks, the others do not pay for.
 */
export async function takePage(parts: TakeParts, id: StreamId, mapping: CompiledMapping, page: Page): Promise<void> {
  const { mapped, refused } = await mapAll(mapping, page);
  await parts.em.fork().transactional(async (em) => {
    const rejected = await takeAll({ ...parts, em }, id, mapping, mapped);
    const refusals = [...refused, ...rejected];
    const refusedKeys = new Set(refusals.map(({ key }) => key));
    const taken = mapped.map(({ raw }) => raw).filter((raw) => !refusedKeys.has(recordKey(raw)));
    await forgetRefusals(em, id, taken);
    await keepRefusals(em, id, refusals);
    await writeCursor(em, id, page.cursor, page.records.length + page.rejects.length);
  });
}

/** Tries records of dead letters again, and keeps those that still cannot be taken. */
export async function takeAgain(parts: TakeParts, id: StreamId, mapping: CompiledMapping, records: RawRecord[]): Promise<void> {
  const { mapped, refused } = await mapAll(mapping, { records, rejects: [] });
  await parts.em.fork().transactional(async (em) => {
    const refusals = [...refused, ...(await takeAll({ ...parts, em }, id, mapping, mapped))];
    const refusedKeys = new Set(refusals.map(({ key }) => key));
    await forgetRefusals(em, id, records.filter((raw) => !refusedKeys.has(recordKey(raw))));
    await keepRefusals(em, id, refusals);
  });
}

async function mapAll(mapping: CompiledMapping, page: Pick<Page, 'records' | 'rejects'>) {
  const mapped: Mapped[] = [];
  const refused: Refusal[] = page.rejects.map(({ origin, reason, raw }) => ({
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

/** The page at once; where that fails, record by record, so that the one at fault is found and named. */
async function takeAll(parts: TakeParts, id: StreamId, mapping: CompiledMapping, mapped: Mapped[]): Promise<Refusal[]> {
  if (mapped.length === 0) return [];
  const take = (em: EntityManager, some: Mapped[]) =>
    parts.intakes[mapping.entity](em, some.map(({ record }) => record) as never[], id.stream);
  try {
    const { rejected } = await parts.em.transactional((em) => take(em, mapped));
    return rejected.map(({ index, reason }) => refusalOf(mapped[index]!.raw, reason));
  } catch (error) {
    if (isConnectionLoss(error) || (error instanceof HubError && errorCatalogue[error.code].retryable)) throw error;
    if (mapped.length === 1) {
      parts.log.error({ err: error, origin: mapped[0]!.raw.origin }, 'a record could not be stored');
      return [refusalOf(mapped[0]!.raw, 'The hub could not store this record; its log has the defect.')];
    }
    const refusals: Refusal[] = [];
    for (const one of mapped) refusals.push(...(await takeAll(parts, id, mapping, [one])));
    return refusals;
  }
}

function refusalOf(raw: RawRecord, reason: string, origin = raw.origin): Refusal {
  const text = JSON.stringify(raw.rows?.map((row) => row.data) ?? raw.data);
  return { key: recordKey(raw), origin, reason, record: raw, raw: text.slice(0, MAX_REJECT_RAW_CHARS) };
}
