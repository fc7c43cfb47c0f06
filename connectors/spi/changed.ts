import type { Cursor } from './stream.ts';
import {
  FROM_THE_BEGINNING,
  isoBefore,
  resumeAt,
  sweepPages,
  sweepSchema,
  type Sweep,
  type SweepOf,
  type SweepPage,
} from './sweep.ts';

export interface ChangedPage<Row> extends SweepPage<Row> {
  cursor: Cursor;
}

/** The cursor that reads what has changed since an instant. */
export function changedFrom(since: Date): Cursor {
  return { after: since.toISOString(), skip: 0 } satisfies Sweep;
}

/**
 * Reads rows that bear the time of their last change, the longest unchanged first. The next read begins an overlap before
 * the source's clock as this one began: so much later than its time a row may become visible.
 */
export async function* readChanged<Row>(
  of: SweepOf<Row>,
  overlapMs: number,
  stored: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<ChangedPage<Row>> {
  const parsed = sweepSchema.safeParse(stored);
  const from = parsed.success ? parsed.data : { after: FROM_THE_BEGINNING, skip: 0 };
  let horizon: string | undefined;
  for await (const { rows, at, next } of sweepPages(of, from, signal)) {
    horizon ??= isoBefore(at, overlapMs);
    yield { rows, at, cursor: resumeAt(from, next, horizon) };
  }
}
