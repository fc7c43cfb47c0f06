import { MAX_REJECT_RAW_CHARS, type RawRecord, type Reject } from '../spi/stream.ts';
import type { StreamMapping } from '../spi/mapping.ts';
import { KeyCounts } from './key-counts.ts';
import { rowChars, shortened, type Table, type TableRow, UnreadableFile } from './table.ts';

/** One thing read from a file. */
export type Found = { record: RawRecord } | { reject: Reject };

interface Source {
  /** File name, for origins. */
  name: string;
  table: Table;
  /** Digest of the content: tells this state of the file from the next. */
  version: string;
  mapping: Pick<StreamMapping, 'id' | 'groupRows'>;
}

/** Most text of the rows of one record, in characters: the hub handles a record in one piece. */
const MAX_RECORD_CHARS = 2_000_000;
/** Most text of all rows that wait for others of their record, in characters. */
const MAX_WAITING_CHARS = 6_000_000;
/** Most groups of rows that one file may have. */
const MAX_GROUPS = 2_000_000;
/** Most groups with a row that cannot be read. */
const MAX_BROKEN_GROUPS = 100_000;

/**
 * The raw records and rejects of one file.
 * @param progress called whenever a piece of the file has been read
 */
export function rawRecords(source: Source, progress: () => void): AsyncGenerator<Found> {
  return source.mapping.groupRows ? groupedRecords(source, progress) : singleRecords(source, progress);
}

async function* singleRecords(source: Source, progress: () => void): AsyncGenerator<Found> {
  for await (const row of source.table.rows(progress)) {
    if (row.broken) yield { reject: rejectOf(source, row, row.broken) };
    else yield { record: recordOf(source, [row]) };
  }
}

/**
 * The groups as known before any is handed over, by `groupKey`: a text each would hold on to the text of the whole
 * file. Two ids of one key only wait for each other.
 */
interface Groups {
  /** Readable rows still to come. */
  missing: KeyCounts;
  /** Rows that cannot be read, by id, the first of each: the record would lack a line nobody would miss. */
  broken: Map<string, number>;
}

/**
 * Rows with the same id as one record each. The file is gone through twice: first to count the rows of each group,
 * then to hand a group over as soon as it is complete. So rows may stand in any order, and the memory holds one
 * counter an order and only the groups that are open, not the file.
 */
async function* groupedRecords(source: Source, progress: () => void): AsyncGenerator<Found> {
  const groups = await countGroups(source, progress);
  const waiting = new Map<number, TableRow[]>();
  let waitingChars = 0;
  for await (const row of source.table.rows(progress)) {
    const id = idOf(source, row);
    const key = id === undefined ? undefined : groupKey(id);
    const missing = key === undefined ? 0 : groups.missing.get(key);
    if (row.broken) {
      yield { reject: rejectOf(source, row, row.broken) };
    } else if (key === undefined || missing === 0) {
      yield { record: recordOf(source, [row]) };
    } else {
      const rows = waiting.get(key) ?? [];
      rows.push(row);
      waitingChars += rowChars(row.data);
      groups.missing.add(key, -1);
      if (missing > 1) {
        waiting.set(key, rows);
        if (waitingChars > MAX_WAITING_CHARS) throw tooScattered(source);
      } else {
        waiting.delete(key);
        waitingChars -= rows.reduce((sum, each) => sum + rowChars(each.data), 0);
        yield* handOver(source, rows, groups);
      }
    }
  }
  // Only a file that changed between the two passes leaves groups open; it will be read again.
  for (const rows of waiting.values()) yield* handOver(source, rows, groups);
}

async function countGroups(source: Source, progress: () => void): Promise<Groups> {
  const groups: Groups = { missing: new KeyCounts(), broken: new Map() };
  for await (const row of source.table.rows(progress)) {
    const id = idOf(source, row);
    if (id === undefined) continue;
    const key = groupKey(id);
    if (!row.broken) groups.missing.add(key, 1);
    else if (!groups.broken.has(id)) groups.broken.set(flatCopy(id), row.row);
    if (groups.broken.size > MAX_BROKEN_GROUPS) {
      throw new UnreadableFile(`has more than ${MAX_BROKEN_GROUPS} rows that cannot be read; save it anew`);
    }
    if (groups.missing.size > MAX_GROUPS) {
      throw new UnreadableFile(`has rows of more than ${MAX_GROUPS} records; split it into several files`);
    }
  }
  return groups;
}

function* handOver(source: Source, rows: TableRow[], groups: Groups): Generator<Found> {
  for (const [id, group] of Map.groupBy(rows, (row) => idOf(source, row)!)) {
    const brokenRow = groups.broken.get(id);
    if (brokenRow !== undefined) {
      yield {
        reject: incomplete(
          source,
          group,
          `belongs together with ${source.table.rowWord} ${brokenRow}, which cannot be read`,
        ),
      };
    } else if (group.reduce((sum, row) => sum + rowChars(row.data), 0) > MAX_RECORD_CHARS) {
      yield {
        reject: incomplete(
          source,
          group,
          `has ${group.length} rows with more than ${MAX_RECORD_CHARS} characters in all`,
        ),
      };
    } else {
      yield { record: recordOf(source, group) };
    }
  }
}

function tooScattered({ mapping }: Source): UnreadableFile {
  return new UnreadableFile(
    `has rows of one record too far from each other; sort it by ${[mapping.id ?? []].flat().join(', ')}`,
  );
}

/** A piece of a text that does not hold on to the text it was cut from. */
function flatCopy(text: string): string {
  return Buffer.from(text).toString();
}

/** A number of 31 bits made of an id (FNV-1a): small numbers cost a map no memory of their own. */
function groupKey(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1)
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  return hash >>> 1;
}

function recordOf(source: Source, rows: TableRow[]): RawRecord {
  const [first] = rows as [TableRow];
  const origin = originOf(source, rows);
  const record: RawRecord = {
    id: idOf(source, first) ?? origin,
    origin,
    data: first.data,
    version: source.version,
  };
  if (source.mapping.groupRows) {
    record.rows = rows.map((row) => ({ origin: originOf(source, [row]), data: row.data }));
  }
  return record;
}

/** Undefined when an id column is blank: such a row belongs to nothing and is left to the mapping to refuse. */
function idOf(source: Source, row: TableRow): string | undefined {
  const columns = [source.mapping.id ?? []].flat();
  const values = columns.map((column) => String(row.data[column] ?? '').trim());
  return values.length === 0 || values.includes('') ? undefined : values.join('/');
}

function rejectOf(source: Source, row: TableRow, broken: NonNullable<TableRow['broken']>): Reject {
  return {
    origin: originOf(source, [row]),
    reason: broken.reason,
    raw: shortened(broken.raw, MAX_REJECT_RAW_CHARS),
  };
}

/** Rows of one record that cannot become it. */
function incomplete(source: Source, rows: TableRow[], reason: string): Reject {
  return {
    origin: originOf(source, rows),
    reason,
    raw: shortened(JSON.stringify(rows.slice(0, 100).map((row) => row.data)), MAX_REJECT_RAW_CHARS),
  };
}

/** "orders.csv row 17", "orders.csv rows 17-18", "orders.csv rows 17, 40". */
function originOf(source: Source, rows: TableRow[]): string {
  const word = source.table.rowWord;
  const numbers = rows.map(({ row }) => row);
  const [first = 0] = numbers;
  if (numbers.length === 1) return `${source.name} ${word} ${first}`;
  const inSequence = numbers.every((number, index) => number === first + index);
  return `${source.name} ${word}s ${inSequence ? `${first}-${first + numbers.length - 1}` : numbers.join(', ')}`;
}
