import { unknownError } from '../platform/unknown-error.ts';
import { digestOf, linkMentions, lockMatching } from '../customer/index.ts';
import { Sku } from '../inventory/index.ts';
import type { ImportResult, Rejection } from '../platform/import/import-result.ts';
import { partitionRecords, type Indexed } from '../platform/import/partition-records.ts';
import type { EntityManager } from '../platform/database/database.ts';
import { newId } from '../platform/database/ids.ts';
import type { OrderState } from './order-states.ts';
import { decideOrder, orderProblem, type StoredOrder, type OrderInput } from './decide-order.ts';

/** An order to be written: the newest report of it, and its state. */
interface OrderToWrite extends StoredOrder {
  record: OrderInput;
}

/** An order that a report has changed, as it is now. */
export interface ChangedOrder extends Pick<OrderInput, 'channel' | 'externalId' | 'lines'> {
  id: string;
  state: OrderState;
}

/**
 * Imports orders that `source` reports, with their lines and buyers. Idempotent by (channel, externalId); a stale
 * report changes nothing, an order never goes back. Commits with the transaction of `em`, which must be open.
 * @returns also the orders that have changed, whose stock is to follow
 */
export async function importOrders(
  em: EntityManager,
  records: readonly OrderInput[],
  { source }: { source: string },
): Promise<ImportResult & { changed: ChangedOrder[] }> {
  const { valid, rejected } = partitionRecords(records, orderProblem);
  const { known, refused } = await knownSkusOnly(em, valid);
  if (known.length === 0) return { ...result(records, [...rejected, ...refused]), changed: [] };
  await lockMatching(em);
  const { writes, contradicting } = decide(known, await heldOrders(em, known));
  await write(em, writes, source);
  const changed = writes.map(({ id, state, record: { channel, externalId, lines } }) => ({
    id,
    channel,
    externalId,
    state,
    lines,
  }));
  return { ...result(records, [...rejected, ...refused, ...contradicting]), changed };
}

function result(records: readonly OrderInput[], rejected: Rejection[]): ImportResult {
  return { accepted: records.length - rejected.length, rejected: rejected.sort((a, b) => a.index - b.index) };
}

async function knownSkusOnly(em: EntityManager, orders: Indexed<OrderInput>[]) {
  const named = [...new Set(orders.flatMap(({ record }) => record.lines.map(({ sku }) => sku)))];
  const found =
    named.length === 0 ? [] : await em.find(Sku, { code: { $in: named } }, { disableIdentityMap: true });
  const codes = new Set(found.map(({ code }) => code));
  const refused: Rejection[] = [];
  const known = orders.filter(({ index, record }) => {
    const unknown = record.lines.map(({ sku }) => sku).filter((sku) => !codes.has(sku));
    if (unknown.length > 0)
      refused.push({ index, reason: unknownError('UNKNOWN_SKU', [...new Set(unknown)]).message });
    return unknown.length === 0;
  });
  return { known, refused };
}

async function heldOrders(
  em: EntityManager,
  orders: Indexed<OrderInput>[],
): Promise<Map<string, StoredOrder>> {
  const rows = await em.execute<(StoredOrder & { channel: string; externalId: string })[]>(
    `select o.id, o.channel, o.external_id as "externalId", o.state, o.digest as "contentHash",
       to_char(o.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "updatedAt"
     from json_to_recordset(?::json) as k(channel text, "externalId" text)
     join sales_order o on o.channel = k.channel and o.external_id = k."externalId"`,
    [JSON.stringify(orders.map(({ record: { channel, externalId } }) => ({ channel, externalId })))],
  );
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** Decides report by report, each seeing the outcome of those before it. */
function decide(orders: Indexed<OrderInput>[], held: ReadonlyMap<string, StoredOrder>) {
  const writes = new Map<string, OrderToWrite>();
  const contradicting: Rejection[] = [];
  for (const { index, record } of orders) {
    const key = keyOf(record);
    const contentHash = digestOf(record);
    const before = writes.get(key) ?? held.get(key);
    const decision = decideOrder(before, record, contentHash);
    if (decision.accept) {
      const { state, updatedAt } = decision;
      writes.set(key, { id: before?.id ?? newId(), state, updatedAt, contentHash, record });
    } else if (decision.reason) {
      contradicting.push({ index, reason: decision.reason });
    }
  }
  return { writes: [...writes.values()], contradicting };
}

async function write(em: EntityManager, orders: OrderToWrite[], source: string): Promise<void> {
  if (orders.length === 0) return;
  const profileIds = await linkMentions(
    em,
    orders.map(({ record, updatedAt }) => ({
      origin: 'ORDER',
      scope: record.channel,
      externalId: record.externalId,
      source,
      channel: record.channel,
      person: record.buyer,
      mentionedAt: updatedAt ?? record.placedAt,
    })),
  );
  await writeOrders(em, orders, profileIds, source);
  await writeLines(em, orders);
}

async function writeOrders(
  em: EntityManager,
  orders: OrderToWrite[],
  profileIds: (string | null)[],
  source: string,
) {
  const rows = orders.map(({ record, id, state, updatedAt, contentHash }, index) => ({
    ...record,
    id,
    state,
    updatedAt,
    digest: contentHash,
    source,
    profileId: profileIds[index],
    lines: undefined,
  }));
  await em.execute(
    `insert into sales_order (id, channel, external_id, source, state, placed_at, updated_at, currency, total_minor,
       delivery_method, payment_method, promised_by, ship_to, priority, brand, buyer, profile_id, digest)
     select id, channel, "externalId", source, state, "placedAt", "updatedAt", currency, "totalMinor",
       "deliveryMethod", "paymentMethod", "promisedBy", "shipTo", coalesce(priority, 0), brand, buyer, "profileId", digest
     from json_to_recordset(?::json) as r(id uuid, channel text, "externalId" text, source text, state text,
       "placedAt" timestamptz, "updatedAt" timestamptz, currency text, "totalMinor" bigint, "deliveryMethod" text,
       "paymentMethod" text, "promisedBy" timestamptz, "shipTo" jsonb, priority int, brand text, buyer jsonb, "profileId" uuid, digest text)
     on conflict (channel, external_id) do update set source = excluded.source, state = excluded.state,
       placed_at = excluded.placed_at, updated_at = excluded.updated_at, currency = excluded.currency,
       total_minor = excluded.total_minor, delivery_method = excluded.delivery_method,
       payment_method = excluded.payment_method, promised_by = excluded.promised_by, ship_to = excluded.ship_to,
       priority = excluded.priority, brand = excluded.brand,
       buyer = excluded.buyer, profile_id = excluded.profile_id, digest = excluded.digest`,
    [JSON.stringify(rows)],
  );
}

/** A line keeps its id while its externalId stays; facts about stock name it. */
async function writeLines(em: EntityManager, orders: OrderToWrite[]): Promise<void> {
  const rows = orders.flatMap(({ id: orderId, record }) =>
    record.lines.map((line, lineNo) => ({
      ...line,
      id: newId(),
      orderId,
      lineNo,
      currency: record.currency,
    })),
  );
  await em.execute(
    `with given as materialized (
       select * from json_to_recordset(?::json) as r(id uuid, "orderId" uuid, "externalId" text, "lineNo" int, sku text,
         quantity int, "unitPriceMinor" bigint, currency text)
     ), gone as (
       delete from order_line l where l.order_id in (select "orderId" from given)
         and (l.order_id, l.external_id) not in (select "orderId", "externalId" from given)
     )
     insert into order_line (id, order_id, external_id, line_no, sku, quantity, unit_price_minor, currency)
     select id, "orderId", "externalId", "lineNo", sku, quantity, "unitPriceMinor", currency from given
     on conflict (order_id, external_id) do update set line_no = excluded.line_no, sku = excluded.sku,
       quantity = excluded.quantity, unit_price_minor = excluded.unit_price_minor, currency = excluded.currency`,
    [JSON.stringify(rows)],
  );
}

function keyOf({ channel, externalId }: { channel: string; externalId: string }): string {
  return JSON.stringify([channel, externalId]);
}
