import type { Actor } from '../../platform/api/actor.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { HubError } from '../../platform/errors.ts';
import { claimKey, storeReply, type Idempotency } from '../../platform/api/idempotency.ts';
import { groupedByKey, type LoaderDefinition } from '../../platform/api/request-context.ts';
import { isUuid, newId } from '../../platform/database/ids.ts';
import { ReplyRefusal, ReplyRefused, TicketMessage } from './ticket-messages.types.ts';
import { connectorOf, queueWrite } from '../../sync/index.ts';

const MAX_CHARACTERS = 10_000;

/** The reply to the call; kept under its key. */
type StoredReply = { messageId: string } | Pick<ReplyRefused, 'reason' | 'message'>;

const subjectOf = (ticketId: string) => `ticket:${ticketId}`;

/**
 * Stores a word to the customer, to be put into the ticket's own system.
 * @param takesMessages whether the source of an id does
 * @throws HubError BAD_USER_INPUT, IDEMPOTENCY_CONFLICT
 */
export async function replyToTicket(
  em: EntityManager,
  takesMessages: (connector: string) => boolean,
  { ticketId, text }: { ticketId: string; text: string },
  call: { actor: Actor; idempotency: Idempotency },
): Promise<TicketMessage | ReplyRefused> {
  if (text.trim() === '' || text.length > MAX_CHARACTERS)
    throw new HubError(
      'BAD_USER_INPUT',
      `\`text\` must have 1 to ${MAX_CHARACTERS} characters, not only blanks.`,
    );
  return em.transactional(async (tx) => {
    const earlier = await claimKey(tx, call.actor, call.idempotency, isStoredReply);
    const reply = earlier ?? (await write(tx, takesMessages, { ticketId, text, author: call.actor.name }));
    if (!earlier) await storeReply(tx, call.actor, call.idempotency, reply);
    if ('reason' in reply) return Object.assign(new ReplyRefused(), { ticketId, ...reply });
    const messages = await readMessages(tx, [ticketId]);
    return messages.find(({ id }) => id === reply.messageId)!;
  });
}

function isStoredReply(stored: { messageId?: unknown; reason?: unknown }): stored is StoredReply {
  const { messageId, reason } = stored;
  return typeof messageId === 'string' || Object.values<unknown>(ReplyRefusal).includes(reason);
}

async function write(
  em: EntityManager,
  takesMessages: (connector: string) => boolean,
  { ticketId, text, author }: { ticketId: string; text: string; author: string },
): Promise<StoredReply> {
  const ticket = isUuid(ticketId) ? await lockTicket(em, ticketId) : undefined;
  if (!ticket) return { reason: ReplyRefusal.UNKNOWN_TICKET, message: `Ticket ${ticketId} does not exist.` };
  const connector = connectorOf(ticket.source);
  if (!takesMessages(connector))
    return {
      reason: ReplyRefusal.SOURCE_TAKES_NO_MESSAGES,
      message: `The ticket is of ${ticket.source}, which takes no messages.`,
    };
  const messageId = newId();
  const { externalId: ticketExternalId, orderExternalId } = ticket;
  await queueWrite(em, {
    id: messageId,
    connector,
    kind: 'MESSAGE',
    subject: subjectOf(ticketId),
    payload: { ticketExternalId, ...(orderExternalId !== null && { orderExternalId }), text },
    author,
  });
  return { messageId };
}

/** Locked, so that messages go out in the order in which they are written. */
async function lockTicket(
  em: EntityManager,
  id: string,
): Promise<{ source: string; externalId: string; orderExternalId: string | null } | undefined> {
  const [row] = await em.execute<{ source: string; externalId: string; orderExternalId: string | null }[]>(
    `select source, external_id as "externalId", order_external_id as "orderExternalId" from ticket where id = ? for update`,
    [id],
  );
  return row;
}

/** Oldest first. */
export const messagesOfTicket: LoaderDefinition<string, TicketMessage[]> = {
  batch: async (ticketIds, { em }) =>
    groupedByKey(ticketIds, await readMessages(em, ticketIds), ({ ticketId }) => ticketId),
};

async function readMessages(
  em: EntityManager,
  ticketIds: readonly string[],
): Promise<(TicketMessage & { ticketId: string })[]> {
  const rows = await em.execute<(TicketMessage & { ticketId: string })[]>(
    `select id, substr(subject, length('ticket:') + 1) as "ticketId", payload->>'text' as text, author, state,
       queued_at as "writtenAt", delivered_at as "deliveredAt", external_id as "externalId", last_error as "lastError"
     from source_write
     where kind = 'MESSAGE' and subject in (select jsonb_array_elements_text(?::jsonb))
     order by subject, position`,
    [JSON.stringify(ticketIds.map(subjectOf))],
  );
  return rows.map(({ writtenAt, deliveredAt, ...row }) =>
    Object.assign(new TicketMessage(), row, {
      writtenAt: new Date(writtenAt),
      deliveredAt: deliveredAt && new Date(deliveredAt),
    }),
  );
}
