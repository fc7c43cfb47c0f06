import type { Transaction } from './client.ts';

/**
 * Where reading goes on. First all tickets are read, by id; then what has happened since: the feed of transactions, whose
 * ids grow. A transaction is seen only when it is committed, which may be after one with a greater id was read. So the
 * feed is always read again from a little way back, and what was seen there is remembered.
 */
export interface Position {
  /** Id of the last ticket read; absent when all have been. */
  ticketsAfter?: string;
  feed: FeedPosition;
}

export interface FeedPosition {
  afterId: number;
  /** ISO 8601: nothing older is of interest; only until the feed has been read to its end once. */
  since?: string;
  /** Transactions read of the way back, oldest first: id, and when it happened in Unix seconds. */
  seen: [id: number, at: number][];
}

/** Ids that are looked back at least. They are shared with changes of users, queues and so on. */
const OVERLAP_IDS = 100;
/** And at least so long: a transaction is committed when the mails and Scrips of its change are done. */
const OVERLAP_SECONDS = 60;
/** More are not remembered; they are read again, which does no harm. */
const MOST_SEEN = 1_000;

/** Before any ticket was read: `newest` is the newest transaction of that moment. */
export function beginning(newest: Transaction | undefined): Position {
  const afterId = newest === undefined ? 0 : Math.max(0, Number(newest.id) - OVERLAP_IDS);
  return { ticketsAfter: '0', feed: { afterId, seen: [] } };
}

/** A position that reads the changes since an instant. */
export function changesSince(since: Date): Position {
  return { feed: { afterId: 0, since: since.toISOString(), seen: [] } };
}

/** The part of a feed page that was not seen before. */
export function unseen(feed: FeedPosition, page: readonly Transaction[]): Transaction[] {
  const seen = new Set(feed.seen.map(([id]) => id));
  return page.filter(({ id }) => !seen.has(Number(id)));
}

/** Behind a page; `isEnd`: nothing follows for now. */
export function behind(feed: FeedPosition, page: readonly Transaction[], isEnd: boolean): FeedPosition {
  const added = unseen(feed, page).map(({ id, Created }): [number, number] => [
    Number(id),
    Date.parse(Created) / 1000,
  ]);
  const all = [...feed.seen, ...added].sort(([a], [b]) => a - b);
  const last = page.at(-1);
  const afterId = last === undefined ? feed.afterId : Number(last.id);
  if (!isEnd) return { ...feed, afterId, seen: all.slice(-MOST_SEEN) };
  const lookBack = lookBackFrom(Math.max(afterId, all.at(-1)?.[0] ?? 0), all);
  return { afterId: lookBack, seen: all.filter(([id]) => id > lookBack).slice(-MOST_SEEN) };
}

function lookBackFrom(newestId: number, seen: readonly [number, number][]): number {
  const newestAt = seen.reduce((newest, [, at]) => Math.max(newest, at), 0);
  const oldestOfTime = seen.find(([, at]) => at >= newestAt - OVERLAP_SECONDS)?.[0] ?? newestId;
  return Math.max(0, Math.min(newestId - OVERLAP_IDS, oldestOfTime - 1));
}
