import { FatalError } from './errors.ts';
import type { Cursor } from './stream.ts';

/** A list of what changed since an instant, oldest change first, that is paged by a key and ends after so many objects. */
export interface CappedListRules {
  /** Objects that one list gives at most. */
  most: number;
  pageSize: number;
  /** How far back the next read begins, in milliseconds. */
  overlapMs: number;
  /** How exactly the source tells instants, in milliseconds. */
  stepMs: number;
}

/** Where the next page begins: in the list of what was changed at `since` or later, behind the key `after`. */
export interface ListPosition {
  /** ISO 8601. */
  since: string;
  after: string | null;
  /** Objects of this list that have been read. */
  taken: number;
}

export function listFrom(since: Date): Cursor {
  return { since: since.toISOString(), after: null, taken: 0 };
}

/**
 * The position behind a page. The list is begun anew at its last change where the next page would not fit any more.
 * @param page `after` is null for the last page
 * @throws FatalError where more than a whole list changed at one instant
 */
export function behindPage(
  { since, taken }: ListPosition,
  page: { lastChange: Date; count: number; after: string | null },
  { most, pageSize, overlapMs, stepMs }: CappedListRules,
): ListPosition {
  const last = Math.floor(page.lastChange.getTime() / stepMs) * stepMs;
  const anew = (ms: number) => ({ since: new Date(ms).toISOString(), after: null, taken: 0 });
  if (page.after === null) return anew(last - overlapMs);
  if (taken + page.count + pageSize <= most) return { since, after: page.after, taken: taken + page.count };
  const moved = anew(last);
  if (moved.since === since) throw new FatalError(`More than ${most} objects were changed at ${since}.`);
  return moved;
}
