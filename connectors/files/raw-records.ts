import { MAX_REJECT_RAW_CHARS, type RawRecord, type Reject } from '../spi/stream.ts';
import type { StreamMapping } from '../spi/mapping.ts';
import { shortened, type Table, type TableRow } from './table.ts';

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

/** The raw records and rejects of one file. */
export function rawRecords(source: Source, signal: AbortSignal): AsyncGenerator<Found> {
  return source.mapping.groupRows ? groupedRecords(source, signal) : singleRecords(source, signal);
}

async function* singleRecords(source: Source, signal: AbortSignal): AsyncGenerator<Found> {
  for await (const row of source.table.rows(signal)) {
    if (row.broken) yield { reject: rejectOf(source, row, row.broken) };
    else yield { record: recordOf(source, [row]) };
  }
}

interface Group {
  rows: TableRow[];
  /** Readable rows still to come. */
  missing: number;
  /** A row of the group that cannot be read: the record would lack a line nobody would miss. */
  brokenRow?: number;
}

/**
 * Rows with the same id as one record each. The file is gone through twice: first to count the rows of each group,
 * then to hand a group over as soon as it is complete. So rows may stand in any order, and the memory holds one
 * counter an order and only the groups that are open, not the file.
 */
async function* groupedRecords(source: Source, signal: AbortSignal): AsyncGenerator<Found> {
  const groups = await countGroups(source, signal);
  for await (const row of source.table.rows(signal)) {
    if (row.broken) yield { reject: rejectOf(source, row, row.broken) };
    else yield* handOver(source, row, groups);
  }
  // Only a file that changed between the two passes leaves groups open; it will be read again.
  for (const group of groups.values()) {
    if (group.rows.length > 0) yield { record: recordOf(source, group.rows) };
  }
}

async function countGroups(source: Source, signal: AbortSignal): Promise<Map<string, Group>> {
  const groups = new Map<string, Group>();
  for await (const row of source.table.rows(signal)) {
    const id = idOf(source, row);
    if (id === undefined) continue;
    const group: Group = groups.get(id) ?? { rows: [], missing: 0 };
    if (row.broken) group.brokenRow ??= row.row;
    else group.missing += 1;
    groups.set(id, group);
  }
  return groups;
}

function* handOver(source: Source, row: TableRow, groups: Map<string, Group>): Generator<Found> {
  const id = idOf(source, row);
  const group = id === undefined ? undefined : groups.get(id);
  if (id === undefined || !group) {
    yield { record: recordOf(source, [row]) };
    return;
  }
  group.rows.push(row);
  group.missing -= 1;
  if (group.missing > 0) return;
  groups.delete(id);
  yield group.brokenRow === undefined
    ? { record: recordOf(source, group.rows) }
    : { reject: incomplete(source, group.rows, group.brokenRow) };
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

function incomplete(source: Source, rows: TableRow[], brokenRow: number): Reject {
  return {
    origin: originOf(source, rows),
    reason: `belongs together with ${source.table.rowWord} ${brokenRow}, which cannot be read`,
    raw: shortened(JSON.stringify(rows.map((row) => row.data)), MAX_REJECT_RAW_CHARS),
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
