import type { Cursor, Page, RawRecord } from '../spi/index.ts';
import type { Listed, RequestTrackerClient, Ticket } from './client.ts';
import { beginning, behind, unseen, type FeedPosition, type Position } from './position.ts';

/** All tickets first, then what has happened to them. */
export async function* readTickets(
  client: RequestTrackerClient,
  stored: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  signal.throwIfAborted();
  // The newest transaction is asked for before the first ticket: what happens meanwhile is read afterwards.
  const position = (stored as Position | null) ?? beginning(await client.newestTransaction(signal));
  if (position.ticketsAfter !== undefined)
    yield* readAll(client, position.ticketsAfter, position.feed, signal);
  yield* readFeed(client, position.feed, signal);
}

async function* readAll(
  client: RequestTrackerClient,
  first: string,
  feed: FeedPosition,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const pages = pagesById(first, (after, page) => client.ticketsAfter(after, page, signal), signal);
  for await (const { items, hasMore } of pages) {
    const ticketsAfter = items.at(-1)?.id ?? first;
    yield pageOf(items, hasMore ? { ticketsAfter, feed } : { feed });
  }
}

async function* readFeed(
  client: RequestTrackerClient,
  from: FeedPosition,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const { since } = from;
  const pages = pagesById(
    String(from.afterId),
    (after, page) =>
      client.transactions(
        { afterId: Number(after), ...(since === undefined ? {} : { since }) },
        page,
        signal,
      ),
    signal,
  );
  let feed = from;
  for await (const { items, hasMore } of pages) {
    const ids = [...new Set(unseen(feed, items).map(({ ObjectId }) => ObjectId))];
    feed = behind(feed, items, !hasMore);
    if (ids.length > 0) yield pageOf(await client.ticketsByIds(ids, signal), { feed });
  }
}

/**
 * The pages of a list by id. Each is asked for behind the last id, so that what is added or taken away meanwhile moves
 * nothing; only a page of which the user may see no row is passed by its number. The last one may be empty.
 */
async function* pagesById<T extends { id: string }>(
  first: string,
  ask: (afterId: string, page: number) => Promise<Listed<T>>,
  signal: AbortSignal,
): AsyncGenerator<Listed<T>> {
  let afterId = first;
  let page = 1;
  for (;;) {
    signal.throwIfAborted();
    const listed = await ask(afterId, page);
    const last = listed.items.at(-1);
    if (last || !listed.hasMore) yield listed;
    if (!listed.hasMore) return;
    page = last ? 1 : page + 1;
    afterId = last?.id ?? afterId;
  }
}

export function rawTicket(ticket: Ticket): RawRecord {
  return { id: ticket.id, origin: `ticket ${ticket.id}`, data: ticket, version: ticket.LastUpdated };
}

function pageOf(tickets: readonly Ticket[], cursor: Position): Page {
  return { records: tickets.map(rawTicket), rejects: [], cursor: cursor as unknown as Cursor };
}
