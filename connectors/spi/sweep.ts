import { z } from 'zod';

/**
 * Walking through rows of an API that pages by offset, in the order of a time of theirs. Offsets alone lose rows when
 * earlier ones go away between two pages; so each page begins again at the time at which the last one ended, and offsets
 * are used only within rows of one and the same millisecond.
 */

/** Where a walk goes on: after an instant (exclusive, ISO 8601 in UTC), and so many rows further. */
export const sweepSchema = z.object({ after: z.iso.datetime(), skip: z.int().min(0) });
export type Sweep = z.infer<typeof sweepSchema>;

export interface SweepPage<Row> {
  rows: Row[];
  /** The source's own clock when it answered; it may be cut to whole seconds. */
  at: Date;
}

export interface SweepStep<Row> extends SweepPage<Row> {
  /** Where to go on; null at the end. */
  next: Sweep | null;
}

export interface SweepOf<Row> {
  pageSize: number;
  /** Rows later than `after`, the earliest first, without the first `skip` of them. */
  page(sweep: Sweep, signal: AbortSignal): Promise<SweepPage<Row>>;
  id(row: Row): string;
  /** The time by which rows are ordered. */
  time(row: Row): string;
}

export const FROM_THE_BEGINNING = '1970-01-01T00:00:00.000Z';

/** The pages from a place on; rows that two pages share come once. */
export async function* sweepPages<Row>(
  of: SweepOf<Row>,
  from: Sweep,
  signal: AbortSignal,
): AsyncGenerator<SweepStep<Row>> {
  let before: ReadonlySet<string> = new Set();
  for (let sweep: Sweep | null = from; sweep !== null;) {
    const { rows, at } = await of.page(sweep, signal);
    const next: Sweep | null =
      rows.length < of.pageSize ? null : nextSweep(sweep, of.time(rows.at(-1)!), rows.length);
    const seen = before;
    yield { rows: rows.filter((row) => !seen.has(of.id(row))), at, next };
    before = new Set(rows.map(of.id));
    sweep = next;
  }
}

/** Sources show milliseconds and may keep finer times: one millisecond earlier, none of them is lost. */
function nextSweep(sweep: Sweep, last: string, rows: number): Sweep {
  const after = isoBefore(last, 1);
  return after > sweep.after ? { after, skip: 0 } : { after: sweep.after, skip: sweep.skip + rows };
}

/**
 * Where a read begins that comes behind this one: behind the page, but no later than the instant up to which the source
 * has shown all. A read that is broken off behind it goes back there too.
 * @param horizon that instant: the source's clock when the walk began, less what it may be late with
 */
export function resumeAt(from: Sweep, next: Sweep | null, horizon: string): Sweep {
  if (next !== null && next.after < horizon) return next;
  return { after: horizon > from.after ? horizon : from.after, skip: 0 };
}

/** So many milliseconds earlier. */
export function isoBefore(instant: string | Date, ms: number): string {
  return new Date(Math.max(0, new Date(instant).getTime() - ms)).toISOString();
}
