import { checkedPageSize, decodeCursor, encodeCursor } from './pagination.ts';
import { isInstant } from '../database/instant.ts';
import { isUuid } from '../database/ids.ts';

/** One page of what belongs to a customer, newest first; pages of many customers are read by one statement. */
export interface PageKey {
  customerId: string;
  /** Rows to read: one more than the page shows, to know whether there is a next. */
  limit: number;
  /** The page begins after this row. */
  at: string | null;
  id: string | null;
}

/** @throws HubError PAGE_SIZE_OUT_OF_RANGE, INVALID_CURSOR */
export function newestFirstKey(customerId: string, first: number, after: string | null | undefined): PageKey {
  const limit = checkedPageSize(first) + 1;
  const [at, id] = decodeCursor(after, [isInstant, isUuid]) ?? [null, null];
  return { customerId, limit, at: at ?? null, id: id ?? null };
}

export function newestFirstCursor(at: Date, id: string): string {
  return encodeCursor(at.toISOString(), id);
}

/** The key by which two pages are the same. */
export function pageCacheKey(page: PageKey): string {
  return JSON.stringify(page);
}
