import { z } from 'zod';
import type { Cursor } from './stream.ts';
import {
  FROM_THE_BEGINNING,
  isoBefore,
  resumeAt,
  sweepPages,
  sweepSchema,
  type Sweep,
  type SweepPage,
} from './sweep.ts';

/**
 * Reading things whose source says when they began, but not always when they changed. Three ways together find all:
 * what has begun since; what the source says has changed since; and what is still open, read again by its ids.
 */
export interface Rereadable<Row> {
  pageSize: number;
  begun(sweep: Sweep, signal: AbortSignal): Promise<SweepPage<Row>>;
  changed(sweep: Sweep, signal: AbortSignal): Promise<SweepPage<Row>>;
  byIds(ids: readonly string[], signal: AbortSignal): Promise<SweepPage<Row>>;
  id(row: Row): string;
  begunAt(row: Row): string;
  changedAt(row: Row): string;
  /** Whether nothing more will become of it that the source would not tell. */
  isFinal(row: Row): boolean;
}

export interface RereadLimits {
  /** Open ones are read again so often, at most. */
  everyMs: number;
  /** And so long after they began. */
  openMs: number;
  /** A row may become visible so much later than the time that stands in it. */
  overlapMs: number;
}

const cursorSchema = z.object({
  begun: sweepSchema,
  /** Null until the source's clock is known. */
  changed: sweepSchema.nullable(),
  /** Those that are open, with when they began; the next to be read again first. */
  open: z.array(z.tuple([z.string(), z.iso.datetime()])),
  /** How many of them this round has not read again. */
  left: z.int().min(0),
  /** When the last round began. */
  rereadAt: z.iso.datetime().nullable(),
});
type RereadCursor = z.infer<typeof cursorSchema>;

export interface RereadPage<Row> {
  rows: Row[];
  cursor: Cursor;
}

/** The cursor that reads what has changed since an instant; open ones that began before are found again. */
export function rereadFrom(since: Date, { openMs }: RereadLimits): Cursor {
  return {
    begun: { after: isoBefore(since, openMs), skip: 0 },
    changed: { after: since.toISOString(), skip: 0 },
    open: [],
    left: 0,
    rereadAt: null,
  } satisfies RereadCursor;
}

/** All that is new since the cursor; ends when there is nothing more for now. */
export async function* reread<Row>(
  of: Rereadable<Row>,
  limits: RereadLimits,
  stored: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<RereadPage<Row>> {
  const parsed = cursorSchema.safeParse(stored);
  let cursor: RereadCursor = parsed.success ? parsed.data : fresh();
  const { changed, rereadAt } = cursor;
  let now = new Date(0);
  // A first read has just seen everything as it is.
  for (const field of changed === null ? (['begun'] as const) : (['begun', 'changed'] as const))
    for await (const step of sweepOn(field, of, limits, cursor, signal)) {
      ({ cursor, now } = step);
      yield step;
    }
  if (cursor.left === 0 && rereadAt !== null && now.getTime() - Date.parse(rereadAt) >= limits.everyMs)
    cursor = { ...cursor, left: cursor.open.length, rereadAt: now.toISOString() };
  while (cursor.left > 0) {
    cursor = yield* openOnes(of, limits, cursor, signal);
  }
}

function fresh(): RereadCursor {
  return {
    begun: { after: FROM_THE_BEGINNING, skip: 0 },
    changed: null,
    open: [],
    left: 0,
    rereadAt: null,
  };
}

interface Step<Row> {
  rows: Row[];
  cursor: RereadCursor;
  now: Date;
}

async function* sweepOn<Row>(
  field: 'begun' | 'changed',
  of: Rereadable<Row>,
  limits: RereadLimits,
  before: RereadCursor,
  signal: AbortSignal,
): AsyncGenerator<Step<Row>> {
  const from = before[field] ?? before.begun;
  const time = field === 'begun' ? of.begunAt : of.changedAt;
  let horizon: string | undefined;
  let cursor = before;
  for await (const { rows, at, next } of sweepPages({ ...of, page: of[field], time }, from, signal)) {
    // What the source has not shown by now, though it is dated earlier, it shows within the overlap.
    horizon ??= isoBefore(at, limits.overlapMs);
    const sweep = resumeAt(from, next, horizon);
    cursor = seen(of, limits, cursor, { field, sweep, horizon, rows, at });
    yield { rows, cursor, now: at };
  }
}

function seen<Row>(
  of: Rereadable<Row>,
  limits: RereadLimits,
  before: RereadCursor,
  page: { field: 'begun' | 'changed'; sweep: Sweep; horizon: string; rows: Row[]; at: Date },
): RereadCursor {
  const open = openAfter(of, limits, before.open, page.rows, page.at);
  return {
    begun: page.field === 'begun' ? page.sweep : before.begun,
    // A first read sees everything as it is now: changes count from there on.
    changed: page.field === 'changed' ? page.sweep : (before.changed ?? { after: page.horizon, skip: 0 }),
    rereadAt: before.rereadAt ?? page.at.toISOString(),
    open,
    left: Math.min(before.left, open.length),
  };
}

/** Goes round: those that were read again go to the end, so that a round that was broken off goes on where it was. */
async function* openOnes<Row>(
  of: Rereadable<Row>,
  limits: RereadLimits,
  before: RereadCursor,
  signal: AbortSignal,
): AsyncGenerator<RereadPage<Row>, RereadCursor> {
  const some = before.open.slice(0, Math.min(before.left, of.pageSize));
  const { rows, at } = await of.byIds(
    some.map(([id]) => id),
    signal,
  );
  // Those that are gone do not come again.
  const rest = before.open.slice(some.length);
  const open = openAfter(of, limits, rest, rows, at);
  const cursor = { ...before, open, left: before.left - some.length };
  yield { rows, cursor };
  return cursor;
}

function openAfter<Row>(
  of: Rereadable<Row>,
  { openMs }: RereadLimits,
  before: RereadCursor['open'],
  rows: readonly Row[],
  at: Date,
): RereadCursor['open'] {
  const open = new Map(before);
  const oldest = isoBefore(at, openMs);
  for (const row of rows) {
    if (of.isFinal(row) || of.begunAt(row) < oldest) open.delete(of.id(row));
    else open.set(of.id(row), of.begunAt(row));
  }
  return [...open];
}
