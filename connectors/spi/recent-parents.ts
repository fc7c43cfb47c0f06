import { z } from 'zod';
import type { Cursor } from './stream.ts';
import { FROM_THE_BEGINNING, isoBefore, sweepPages, sweepSchema, type SweepOf } from './sweep.ts';

/**
 * Reading things that hang under others, in a source that neither lists them nor says of the others that they have
 * changed: parents that began lately are walked through each time, older ones now and then, very old ones no more.
 */
export interface RecentLimits {
  /** Parents this young are walked through at every read. */
  recentMs: number;
  /** Parents this young are walked through … */
  windowMs: number;
  /** … so often. */
  everyMs: number;
  /** A thing may become visible so much later than the time that stands in it. */
  overlapMs: number;
}

const cursorSchema = z.object({
  /** All things dated earlier, under young parents, have been given … */
  since: z.iso.datetime(),
  /** … and under parents of the whole window. */
  wholeSince: z.iso.datetime(),
  /** The walk under way, and when it began. */
  walk: sweepSchema.extend({ at: z.iso.datetime(), isWhole: z.boolean() }).nullable(),
  /** When the last walk through the whole window began, by the source's clock. */
  wholeAt: z.iso.datetime().nullable(),
});
type RecentCursor = z.infer<typeof cursorSchema>;

export interface RecentPage<Parent> {
  parents: Parent[];
  /** Things under them that are dated earlier have been given before. */
  since: string;
  cursor: Cursor;
}

/** The cursor that gives what is dated after an instant. */
export function recentFrom(since: Date): Cursor {
  const at = since.toISOString();
  return { since: at, wholeSince: at, walk: null, wholeAt: null } satisfies RecentCursor;
}

/**
 * Walks through the recent parents once; the first time through all.
 * @param clock asks the source for its time
 */
export async function* recentParents<Parent>(
  of: SweepOf<Parent>,
  limits: RecentLimits,
  stored: Cursor | null,
  clock: (signal: AbortSignal) => Promise<Date>,
  signal: AbortSignal,
): AsyncGenerator<RecentPage<Parent>> {
  const parsed = cursorSchema.safeParse(stored);
  let cursor: RecentCursor = parsed.success
    ? parsed.data
    : { since: FROM_THE_BEGINNING, wholeSince: FROM_THE_BEGINNING, walk: null, wholeAt: null };
  const walk = cursor.walk ?? beginning(cursor, limits, await clock(signal));
  for await (const { rows, next } of sweepPages(of, walk, signal)) {
    const since = walk.isWhole ? cursor.wholeSince : cursor.since;
    cursor = next ? { ...cursor, walk: { ...walk, ...next } } : ended(cursor, walk, limits);
    yield { parents: rows, since, cursor };
  }
}

type Walk = NonNullable<RecentCursor['walk']>;

function beginning({ since, wholeAt }: RecentCursor, limits: RecentLimits, now: Date): Walk {
  const isWhole = wholeAt === null || now.getTime() - Date.parse(wholeAt) >= limits.everyMs;
  const isFirst = since === FROM_THE_BEGINNING;
  const after = isFirst ? since : isoBefore(now, isWhole ? limits.windowMs : limits.recentMs);
  return { after, skip: 0, at: now.toISOString(), isWhole };
}

/** A walk through the young ones only says nothing about the others: what is dated since the last whole one may be there. */
function ended(cursor: RecentCursor, walk: Walk, { overlapMs }: RecentLimits): RecentCursor {
  const since = isoBefore(walk.at, overlapMs);
  if (!walk.isWhole) return { ...cursor, since, walk: null };
  return { since, wholeSince: since, walk: null, wholeAt: walk.at };
}
