import type { ImportResult } from '../platform/import/import-result.ts';
import { isInstant } from '../platform/database/instant.ts';
import { partitionRecords } from '../platform/import/partition-records.ts';
import type { EntityManager } from '../platform/database/database.ts';
import { newId } from '../platform/database/ids.ts';
import { ReturnStatus } from './aftersales.entities.ts';

/** A return as a source reports it; `requestedAt` is ISO 8601 with zone. */
export interface ReturnInput {
  externalId: string;
  channel: string;
  orderExternalId: string;
  status: 'REQUESTED' | 'APPROVED' | 'RECEIVED' | 'REFUNDED' | 'REJECTED';
  requestedAt: string;
  reason?: string;
  lines: { orderLineExternalId: string; quantity: number }[];
}

const MAX_QUANTITY = 1_000_000_000;

/** How far a return has come. Reports bear no time of change, so a lesser status can only be an older report. */
const progress: Record<ReturnStatus, number> = {
  REQUESTED: 0,
  APPROVED: 1,
  RECEIVED: 2,
  REFUNDED: 3,
  REJECTED: 3,
};

/**
 * Imports returns that `source` reports. Idempotent by (source, externalId); a return never goes back. Commits with
 * the transaction of `em`, which must be open.
 */
export async function importReturns(
  em: EntityManager,
  records: readonly ReturnInput[],
  { source }: { source: string },
): Promise<ImportResult> {
  const { valid, rejected } = partitionRecords(records, returnProblem);
  if (valid.length > 0) {
    const returns = furthest(valid.map(({ record }) => record));
    const written = await writeReturns(em, returns, source);
    await writeLines(em, returns, written);
  }
  return { accepted: valid.length, rejected };
}

function returnProblem(record: ReturnInput): string | undefined {
  if (record.externalId === '') return 'The externalId is empty.';
  if (!isInstant(record.requestedAt))
    return `requestedAt must be an ISO 8601 timestamp with time zone, got "${record.requestedAt}"`;
  if (!Object.hasOwn(ReturnStatus, record.status))
    return `Return status ${String(record.status)} does not exist.`;
  const bad = record.lines.find(
    ({ quantity }) => !(Number.isInteger(quantity) && quantity > 0 && quantity <= MAX_QUANTITY),
  );
  return (
    bad &&
    `line ${bad.orderLineExternalId}: quantity must be an integer from 1 to ${MAX_QUANTITY}, got ${bad.quantity}`
  );
}

function furthest(records: ReturnInput[]): ReturnInput[] {
  const byId = new Map<string, ReturnInput>();
  for (const record of records) {
    const known = byId.get(record.externalId);
    if (!known || progress[record.status] >= progress[known.status]) byId.set(record.externalId, record);
  }
  return [...byId.values()];
}

/** In the order of their keys, so that two imports at once wait for each other instead of blocking each other. */
async function writeReturns(
  em: EntityManager,
  returns: ReturnInput[],
  source: string,
): Promise<Map<string, string>> {
  const rows = returns.map((record) => ({ ...record, id: newId(), lines: undefined }));
  const written = await em.execute<{ id: string; externalId: string }[]>(
    `insert into order_return as o (id, source, external_id, channel, order_external_id, status, requested_at, reason)
     select id, ?, "externalId", channel, "orderExternalId", status, "requestedAt", reason
     from json_to_recordset(?::json) as r(id uuid, "externalId" text, channel text, "orderExternalId" text, status text,
       "requestedAt" timestamptz, reason text)
     order by "externalId"
     on conflict (source, external_id) do update set channel = excluded.channel,
       order_external_id = excluded.order_external_id, status = excluded.status,
       requested_at = excluded.requested_at, reason = excluded.reason
     where (?::json ->> excluded.status)::int >= (?::json ->> o.status)::int
     returning id, external_id as "externalId"`,
    [source, JSON.stringify(rows), JSON.stringify(progress), JSON.stringify(progress)],
  );
  return new Map(written.map(({ externalId, id }) => [externalId, id]));
}

async function writeLines(
  em: EntityManager,
  returns: ReturnInput[],
  ids: ReadonlyMap<string, string>,
): Promise<void> {
  if (ids.size === 0) return;
  const rows = returns.flatMap(({ externalId, lines }) => {
    const returnId = ids.get(externalId);
    return returnId ? lines.map((line, lineNo) => ({ ...line, returnId, lineNo })) : [];
  });
  await em.execute(
    `with given as materialized (
       select * from json_to_recordset(?::json)
         as r("returnId" uuid, "lineNo" int, "orderLineExternalId" text, quantity int)
     ), gone as (
       delete from order_return_line l using json_array_elements_text(?::json) as k
       where l.return_id = k.value::uuid and (l.return_id, l.line_no) not in (select "returnId", "lineNo" from given)
     )
     insert into order_return_line (return_id, line_no, order_line_external_id, quantity)
     select "returnId", "lineNo", "orderLineExternalId", quantity from given
     on conflict (return_id, line_no) do update set order_line_external_id = excluded.order_line_external_id,
       quantity = excluded.quantity`,
    [JSON.stringify(rows), JSON.stringify([...ids.values()])],
  );
}
