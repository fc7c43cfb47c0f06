import { arrayLiteral, isSameValue, type SqlValue } from '../connection/pg-array.ts';
import type { Statement } from '../connection/statement.ts';

/**
 * The one statement by which a batch writes what it has changed, made of the parts that have rows: most batches have
 * five of them, and a part without rows would still be planned, sent and run.
 */

/** A table's part: what its rows are made of, and what is done with them. */
interface Part {
  columns: readonly Column[];
  /** `from` names the rows `r`. */
  write: (from: string) => string;
}
interface Column {
  name: string;
  /** In SQL. */
  type: string;
  nullable: boolean;
  variety: Variety;
}
/** The rows of a batch have the same value: as a rule; or if they come of one sale (partner, channel and pool). */
type Variety = 'QUIET' | 'OF_SALE' | undefined;
const varieties: Record<string, Variety> = { '=': 'QUIET', '~': 'OF_SALE' };

/** "name type, …"; behind the type a `?`: may be null; and the sign of its variety. The first column differs in most rows. */
const part = (columns: string, write: (from: string) => string): Part => ({
  columns: columns.split(',').map((column) => {
    const [, name, type, nullable, variety] = /^\s*(\w+) (\w+)(\??)([=~]?)\s*$/.exec(column)!;
    return { name: name!, type: type!, nullable: nullable === '?', variety: varieties[variety!] };
  }),
  write,
});

const insertInto =
  (table: string, names: string, values: string, more = '') =>
  (from: string) =>
    `insert into ${table} (${names}) select ${values} from ${from}${more}`;

const parts = {
  newReservations: part(
    `id uuid, partner text~, channel text~, pool text~, reference text, campaign text?=, orderExternalId text?=,
     state text=, createdAt timestamptz=, expiresAt timestamptz~, shortages jsonb=, events jsonb~`,
    insertInto(
      'reservation',
      'id, partner, channel, pool, reference, campaign, order_external_id, state, created_at, expires_at, shortages, events',
      'id, partner, channel, pool, reference, campaign, "orderExternalId", state, "createdAt", "expiresAt", shortages, events',
    ),
  ),
  newLines: part(
    `reservationId uuid, lineNo int, sku text, pool text~, channel text~, promisedOn date=, reserved int,
     released int=, allocated int=, shipped int=, unbacked int=, dated int=, cancelled int=, refunded int=, oversold int=,
     holdExpiresAt timestamptz?~`,
    insertInto(
      'reservation_line',
      `reservation_id, line_no, sku, pool, channel, promised_on, reserved, released,
       allocated, shipped, unbacked, dated, cancelled, refunded, oversold, hold_expires_at`,
      `"reservationId", "lineNo", sku, pool, channel, "promisedOn", reserved, released,
       allocated, shipped, unbacked, dated, cancelled, refunded, oversold, "holdExpiresAt"`,
    ),
  ),
  reservations: part(
    'id uuid, state text, expiresAt timestamptz, orderExternalId text?, events jsonb',
    (from) => `update reservation
     set state = r.state, expires_at = r."expiresAt", order_external_id = r."orderExternalId", events = r.events
     from ${from} where reservation.id = r.id`,
  ),
  lines: part(
    `reservationId uuid, lineNo int, promisedOn date, released int, allocated int, shipped int, unbacked int, dated int,
     cancelled int, refunded int, holdExpiresAt timestamptz?`,
    (from) => `update reservation_line line
     set released = r.released, allocated = r.allocated, shipped = r.shipped, unbacked = r.unbacked,
         dated = r.dated, promised_on = r."promisedOn", cancelled = r.cancelled, refunded = r.refunded, hold_expires_at = r."holdExpiresAt"
     from ${from} where line.reservation_id = r."reservationId" and line.line_no = r."lineNo"`,
  ),
  allocations: part(
    'reservationId uuid, lineNo int, node text, allocated int, shipped int',
    insertInto(
      'reservation_allocation',
      'reservation_id, line_no, node, allocated, shipped',
      '"reservationId", "lineNo", node, allocated, shipped',
      ` on conflict (reservation_id, line_no, node)
        do update set allocated = excluded.allocated, shipped = excluded.shipped`,
    ),
  ),
  balances: part(
    `sku text, pool text, onHand int, allocated int, confirmed int, held int, unbacked int, datedHeld int,
     datedConfirmed int, futureDraw int, hasPresale boolean, committedAt timestamptz`,
    (from) => `update stock_balance
     set on_hand = r."onHand", allocated = r.allocated, confirmed = r.confirmed, held = r.held, unbacked = r.unbacked,
         dated_held = r."datedHeld", dated_confirmed = r."datedConfirmed", future_draw = r."futureDraw",
         has_presale = r."hasPresale", commit_counter = commit_counter + 1, committed_at = r."committedAt"
     from ${from} where stock_balance.sku = r.sku and stock_balance.pool = r.pool`,
  ),
  unmovedBalances: part('sku text', insertInto('stock_audit_due', 'sku', 'sku')),
  levels: part(
    `sku text, node text, onHand int, damaged int, quarantined int, allocated int, countedAt timestamptz?`,
    (from) => `update stock_level
     set on_hand = r."onHand", damaged = r.damaged, quarantined = r.quarantined, allocated = r.allocated,
         counted_at = r."countedAt"
     from ${from} where stock_level.sku = r.sku and stock_level.node = r.node`,
  ),
  quotas: part(
    'sku text, pool text, channel text, used int, exclusive int, released boolean',
    (from) => `update channel_quota set used = r.used, exclusive = r.exclusive, part_released = r.released
     from ${from}
     where channel_quota.sku = r.sku and channel_quota.pool = r.pool and channel_quota.channel = r.channel`,
  ),
  newSupplies: part(
    `id uuid, kind text, externalId text, sku text, pool text, node text?, ordered int, received int,
     availableOn date, countsFrom timestamptz?`,
    insertInto(
      'stock_supply',
      'id, kind, external_id, sku, pool, node, ordered, received, available_on, counts_from',
      'id, kind, "externalId", sku, pool, node, ordered, received, "availableOn", "countsFrom"',
    ),
  ),
  supplies: part(
    'id uuid, ordered int, received int, node text?, availableOn date, countsFrom timestamptz?',
    (from) => `update stock_supply set ordered = r.ordered, received = r.received, node = r.node,
         available_on = r."availableOn", counts_from = r."countsFrom"
     from ${from} where stock_supply.id = r.id`,
  ),
  campaigns: part(
    'code text, pool text, startsAt timestamptz, endsAt timestamptz',
    insertInto(
      'presale_campaign',
      'code, pool, starts_at, ends_at',
      'code, pool, "startsAt", "endsAt"',
      ' on conflict (code) do update set starts_at = excluded.starts_at, ends_at = excluded.ends_at',
    ),
  ),
  limits: part(
    'campaign text, kind text, subject text, units int?, used int',
    insertInto(
      'presale_limit',
      'campaign, kind, subject, units, used',
      'campaign, kind, subject, units, used',
      ' on conflict (campaign, kind, subject) do update set units = excluded.units, used = excluded.used',
    ),
  ),
  pools: part(
    'code text, offsetDays int, fenceDays int, resaleRate numeric',
    (from) => `update pool set overdue_offset_days = r."offsetDays", overdue_fence_days = r."fenceDays",
         resale_rate = r."resaleRate"
     from ${from} where pool.code = r.code`,
  ),
  movements: part(
    `delta int, at timestamptz=, sku text, pool text~, node text?=, counter text=, cause text=, reservationId uuid?,
     restockId uuid?=, supplyId uuid?=, actor text~`,
    insertInto(
      'stock_movement',
      'at, sku, pool, node, counter, delta, cause, reservation_id, restock_id, supply_id, actor',
      'at, sku, pool, node, counter, delta, cause, "reservationId", "restockId", "supplyId", actor',
    ),
  ),
  facts: part(
    `id uuid, restockId uuid, kind text, scope text, externalEventId text?, reason text?, channel text?,
     orderExternalId text?, sku text?, orderLineId text?, returnedQuantity int?, refundedQuantity int?, sellableQuantity int?, settledAt timestamptz?, actor text, at timestamptz`,
    insertInto(
      'stock_fact',
      `id, restock_id, kind, scope, external_event_id, reason, channel, order_external_id, sku, order_line_id, returned_quantity,
       refunded_quantity, sellable_quantity, settled_at, actor, at`,
      `id, "restockId", kind, scope, "externalEventId", reason, channel, "orderExternalId", sku, "orderLineId", "returnedQuantity",
       "refundedQuantity", "sellableQuantity", "settledAt", actor, at`,
    ),
  ),
  newPendingReturns: part(
    `id uuid, restockId uuid, reason text, channel text, orderExternalId text, orderLineId text, sku text, pool text,
     node text, condition text, quantity int, counted int`,
    insertInto(
      'pending_return',
      `id, restock_id, reason, channel, order_external_id, order_line_id, sku, pool, node, condition, quantity, counted`,
      `id, "restockId", reason, channel, "orderExternalId", "orderLineId", sku, pool, node, condition, quantity, counted`,
    ),
  ),
  pendingReturns: part(
    'id uuid, counted int',
    (from) => `update pending_return set counted = r.counted from ${from} where pending_return.id = r.id`,
  ),
  // Rows that this transaction has inserted stand where they were inserted: nobody else can have moved them. A bad
  // request may have claimed the key for the good one that came with it.
  replies: part(
    'row tid, operation text?, bodyHash text?, reply text',
    (from) => `update idempotency_key
     set reply = r.reply, operation = coalesce(r.operation, idempotency_key.operation),
         body_hash = coalesce(r."bodyHash", idempotency_key.body_hash)
     from ${from} where idempotency_key.ctid = r.row`,
  ),
  unclaimed: part(
    'row tid',
    (from) => `delete from idempotency_key using ${from} where idempotency_key.ctid = r.row`,
  ),
} satisfies Record<string, Part>;

export type WritePart = keyof typeof parts;
/** The changes of a batch: rows with a property for each column, and maybe more. */
export type Changes = Record<WritePart, readonly object[]>;

/** A query that is run with the write and whose rows it gives, e.g. one that raises where the write must not happen. */
export interface Head {
  name: string;
  text: string;
}

const statements = new Map<string, Statement>();

/** The statement for the parts that have rows, with its arguments; undefined where nothing has changed. */
export function writeBatch(
  changes: Changes,
  head?: { head: Head; values: readonly string[] },
): { statement: Statement; values: (string | null)[] } | undefined {
  const names = (Object.keys(parts) as WritePart[]).filter((name) => changes[name].length > 0);
  if (names.length === 0) return undefined;
  const once = sharedVarieties(names, changes);
  const values: (string | null)[] = [...(head?.values ?? [])];
  const ids = new Map<string, number>();
  const written = names.map((name) => ({
    name,
    given: argumentsOf(parts[name], changes[name], once, values, ids),
  }));
  // What a text depends on: the parts, what they are given once, and which arrays stand in for a second one.
  const numbers = written.map(({ name, given }) => `${name} ${given.map(({ number }) => number).join()}`);
  const which = [head?.head.name, once.join(), ...numbers].join(' ');
  const statement = statements.get(which) ?? compose(written, head?.head);
  statements.set(which, statement);
  return { statement, values };
}

/**
 * Columns of these varieties are given once, not as arrays, since all rows of the batch share their values. All of a
 * variety or none: a text for every set of columns would be hundreds, and each is planned.
 */
function sharedVarieties(names: readonly WritePart[], changes: Changes): readonly Variety[] {
  const areShared = (variety: Variety) =>
    names.every((name) =>
      parts[name].columns.every((column) => column.variety !== variety || isShared(column, changes[name])),
    );
  if (!areShared('QUIET')) return [];
  return areShared('OF_SALE') ? ['QUIET', 'OF_SALE'] : ['QUIET'];
}

/** A column with the number of its parameter: a value for all rows, or an array. */
interface Given {
  column: Column;
  isOnce: boolean;
  number: number;
}

/** Adds to `values`, and to `ids` where arrays of ids are: those of reservations are those of their lines, as a rule. */
function argumentsOf(
  { columns }: Part,
  rows: readonly object[],
  once: readonly Variety[],
  values: (string | null)[],
  ids: Map<string, number>,
): Given[] {
  return columns.map((column, position) => {
    if (column.variety !== undefined && once.includes(column.variety))
      return { column, isOnce: true, number: values.push(textOf(valueOf(rows[0]!, column))) };
    const array = arrayOf(column, rows, position > 0);
    const number = (column.type === 'uuid' ? ids.get(array) : undefined) ?? values.push(array);
    if (column.type === 'uuid') ids.set(array, number);
    return { column, isOnce: false, number };
  });
}

/** As many texts as there are combinations of parts; of those that happen, some dozens. */
function compose(
  written: readonly { name: WritePart; given: readonly Given[] }[],
  head: Head | undefined,
): Statement {
  const ctes = written.map(({ name, given }) => `"${name}" as (${parts[name].write(rowsOf(given))})`);
  if (head) ctes.unshift(`"${head.name}" as materialized (${head.text})`);
  // PostgreSQL cuts names after 63 bytes.
  return {
    name: `write-batch-${statements.size}`,
    text: `with ${ctes.join(', ')} select ${head ? `* from "${head.name}"` : '1'}`,
  };
}

/** Arrays that are shorter than others are filled up with nulls, in whose place their first value is taken. */
function rowsOf(given: readonly Given[]): string {
  const arrays = given.filter(({ isOnce }) => !isOnce);
  const values = given.map(({ column: { name, type, nullable }, isOnce, number }) => {
    if (isOnce) return `$${number}::${type} as "${name}"`;
    const array = `$${number}::${type}[]`;
    return nullable
      ? `case when cardinality(${array}) = 1 then (${array})[1] else "${name}" end as "${name}"`
      : `coalesce("${name}", (${array})[1]) as "${name}"`;
  });
  const unnested = arrays.map(({ column, number }) => `$${number}::${column.type}[]`).join(', ');
  const names = arrays.map(({ column }) => `"${column.name}"`).join(', ');
  return `(select ${values.join(', ')} from unnest(${unnested}) as given (${names})) as r`;
}

/** A value that all rows share is sent once; nulls that all rows share are not sent. */
function arrayOf(column: Column, rows: readonly object[], mayBeShared: boolean): string {
  if (!mayBeShared || !isShared(column, rows)) return arrayLiteral(rows.map((row) => valueOf(row, column)));
  const value = valueOf(rows[0]!, column);
  return value === null || value === undefined ? '{}' : arrayLiteral([value]);
}

function isShared(column: Column, rows: readonly object[]): boolean {
  const first = valueOf(rows[0]!, column) ?? null;
  return rows.every((row) => isSameValue(valueOf(row, column) ?? null, first));
}

function valueOf(row: object, { name, type }: Column): SqlValue {
  const value = (row as Record<string, unknown>)[name];
  return type === 'jsonb' ? JSON.stringify(value) : (value as SqlValue);
}

function textOf(value: SqlValue): string | null {
  if (value === null || value === undefined) return null;
  return value instanceof Date ? value.toISOString() : String(value);
}
