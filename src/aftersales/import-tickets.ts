import { digestOf, linkMentions, lockMatching, type PersonInput } from '../customer/index.ts';
import type { ImportResult } from '../platform/import/import-result.ts';
import { isInstant, isStale } from '../platform/database/instant.ts';
import { partitionRecords } from '../platform/import/partition-records.ts';
import type { EntityManager } from '../platform/database/database.ts';
import { newId } from '../platform/database/ids.ts';
import { TicketStatus } from './aftersales.entities.ts';

/** A ticket as a help desk reports it; instants are ISO 8601 with zone. */
export interface TicketInput {
  externalId: string;
  subject: string;
  status: 'OPEN' | 'PENDING' | 'SOLVED' | 'CLOSED';
  openedAt: string;
  updatedAt?: string;
  channel?: string;
  orderExternalId?: string;
  requester: PersonInput;
}

interface TicketToWrite {
  id: string;
  updatedAt: string;
  digest: string;
  record: TicketInput;
}

type HeldTicket = Omit<TicketToWrite, 'record'>;

/**
 * Imports tickets that `source` reports and links their requesters with customers. Idempotent by (source, externalId);
 * a stale report changes nothing. Commits with the transaction of `em`, which must be open.
 */
export async function importTickets(
  em: EntityManager,
  records: readonly TicketInput[],
  { source }: { source: string },
): Promise<ImportResult> {
  const { valid, rejected } = partitionRecords(records, ticketProblem);
  if (valid.length > 0) {
    await lockMatching(em);
    const tickets = valid.map(({ record }) => record);
    await write(em, newest(tickets, await heldTickets(em, tickets, source)), source);
  }
  return { accepted: valid.length, rejected };
}

function ticketProblem(record: TicketInput): string | undefined {
  if (record.externalId === '') return 'The externalId is empty.';
  if (!isInstant(record.openedAt))
    return `openedAt must be an ISO 8601 timestamp with time zone, got "${record.openedAt}"`;
  if (record.updatedAt !== undefined && !isInstant(record.updatedAt))
    return `updatedAt must be an ISO 8601 timestamp with time zone, got "${record.updatedAt}"`;
  if (!Object.hasOwn(TicketStatus, record.status))
    return `Ticket status ${String(record.status)} does not exist.`;
  return undefined;
}

async function heldTickets(
  em: EntityManager,
  records: TicketInput[],
  source: string,
): Promise<Map<string, HeldTicket>> {
  const rows = await em.execute<(HeldTicket & { externalId: string })[]>(
    `select t.id, t.external_id as "externalId", t.digest,
       to_char(t.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "updatedAt"
     from json_array_elements_text(?::json) as k join ticket t on t.source = ? and t.external_id = k.value`,
    [JSON.stringify(records.map(({ externalId }) => externalId)), source],
  );
  return new Map(rows.map((row) => [row.externalId, row]));
}

/** Report by report: what is newer than what is held, or than what came before it in the batch. */
function newest(records: TicketInput[], held: ReadonlyMap<string, HeldTicket>): TicketToWrite[] {
  const writes = new Map<string, TicketToWrite>();
  for (const record of records) {
    const before = writes.get(record.externalId) ?? held.get(record.externalId);
    const digest = digestOf(record);
    if (before?.digest === digest || isStale(record.updatedAt, before?.updatedAt)) continue;
    const updatedAt = record.updatedAt ?? before?.updatedAt ?? record.openedAt;
    writes.set(record.externalId, { id: before?.id ?? newId(), updatedAt, digest, record });
  }
  return [...writes.values()];
}

async function write(em: EntityManager, tickets: TicketToWrite[], source: string): Promise<void> {
  if (tickets.length === 0) return;
  const profileIds = await linkMentions(
    em,
    tickets.map(({ record, updatedAt }) => ({
      origin: 'TICKET',
      scope: source,
      externalId: record.externalId,
      source,
      channel: record.channel,
      person: record.requester,
      mentionedAt: updatedAt,
    })),
  );
  const rows = tickets.map(({ record, ...ticket }, index) => ({
    ...record,
    ...ticket,
    requester: undefined,
    source,
    profileId: profileIds[index],
  }));
  await em.execute(
    `insert into ticket (id, source, external_id, subject, status, opened_at, updated_at, channel, order_external_id,
       profile_id, digest)
     select id, source, "externalId", subject, status, "openedAt", "updatedAt", channel, "orderExternalId",
       "profileId", digest
     from json_to_recordset(?::json) as r(id uuid, source text, "externalId" text, subject text, status text,
       "openedAt" timestamptz, "updatedAt" timestamptz, channel text, "orderExternalId" text, "profileId" uuid,
       digest text)
     on conflict (source, external_id) do update set subject = excluded.subject, status = excluded.status,
       opened_at = excluded.opened_at, updated_at = excluded.updated_at, channel = excluded.channel,
       order_external_id = excluded.order_external_id, profile_id = excluded.profile_id, digest = excluded.digest`,
    [JSON.stringify(rows)],
  );
}
