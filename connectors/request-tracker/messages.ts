import { createHash } from 'node:crypto';
import { FatalError, type MessageSink, type OutgoingMessage } from '../spi/index.ts';
import { PAGE_SIZE, type Condition, type RawCalls, type RequestTrackerClient } from './client.ts';
import type { RequestTrackerConfig } from './config.ts';

/**
 * Messages as replies to tickets, or as comments on them. Request Tracker knows no idempotency key, so the message ends with
 * a reference made of ours, and is looked for before it is written; also when the answer to a first try was lost.
 */
export function messageSink(
  client: RequestTrackerClient,
  messagesAs: RequestTrackerConfig['messagesAs'],
): MessageSink {
  return {
    pushMessage: async (message, signal) => {
      const ticketId = ticketOf(message);
      const reference = referenceOf(message.idempotencyKey);
      // Looking and writing are one turn: what is begun anew after trouble begins with looking.
      return client.turn(async (calls) => {
        const ticket = await effectiveTicket(calls, ticketId);
        const found = await messageWith(calls, ticket, reference);
        if (found !== undefined) return { externalId: found };
        await calls.post(`ticket/${ticket}/${messagesAs === 'REPLY' ? 'correspond' : 'comment'}`, {
          Content: `${message.text}\n\nRef. ${reference}`,
          ContentType: 'text/plain',
        });
        return { externalId: (await messageWith(calls, ticket, reference)) ?? reference };
      }, signal);
    },
  };
}

function ticketOf({ ticketExternalId: id }: OutgoingMessage): string {
  if (id === undefined)
    throw new FatalError('Request Tracker keeps conversations in tickets: the message must name its ticket.');
  if (!/^[0-9]+$/.test(id))
    throw new FatalError(`${id} is no ticket of Request Tracker: its ids are numbers.`);
  return id;
}

/** Of letters and digits only, since mail programs fold and escape others. */
function referenceOf(idempotencyKey: string): string {
  return `OW${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 20)}`;
}

/** The ticket that it was merged into, or itself: what is written to a merged one stands there. */
async function effectiveTicket(calls: RawCalls, id: string): Promise<string> {
  const ticket = await calls.find<{ id: number | string }>(`ticket/${id}`);
  if (ticket === undefined)
    throw new FatalError(`There is no ticket ${id}, or the user of the token may not see it.`);
  return String(ticket.id);
}

/** The transaction of the ticket's message that has the reference. Only messages are searched, not the mails about them. */
async function messageWith(calls: RawCalls, ticket: string, reference: string): Promise<string | undefined> {
  const ofTicket: Condition[] = [
    { field: 'ObjectType', value: 'RT::Ticket' },
    { field: 'ObjectId', value: ticket },
    { field: 'Type', value: 'Correspond' },
    { field: 'Type', value: 'Comment', entry_aggregator: 'OR' },
  ];
  const order = { orderby: 'id', order: 'DESC', per_page: String(PAGE_SIZE) };
  for (let page = 1; ; page++) {
    const query = { ...order, page: String(page) };
    const messages = await calls.search<{ id: string }>('transactions', ofTicket, query);
    const found = await attachedTo(
      calls,
      messages.items.map(({ id }) => id),
      reference,
    );
    if (found !== undefined || !messages.hasMore) return found;
  }
}

async function attachedTo(
  calls: RawCalls,
  transactions: string[],
  text: string,
): Promise<string | undefined> {
  if (transactions.length === 0) return undefined;
  const ofThese = transactions.map((value): Condition => ({
    field: 'TransactionId',
    value,
    entry_aggregator: 'OR',
  }));
  const holding: Condition = { field: 'Content', operator: 'LIKE', value: text };
  const { items } = await calls.search<{ TransactionId: string }>('attachments', [...ofThese, holding], {
    fields: 'TransactionId',
  });
  return items[0]?.TransactionId;
}
