import type { Cursor, Json, RawRecord, Reject } from './stream.ts';

/** How a source lets itself be asked for what has changed between two instants; all in milliseconds. */
export interface WindowRules {
  /** The longest window that it takes. */
  longestMs: number;
  /**
   * From how far back what has been read up to now is read again: what the source is late with, and what its clock and ours
   * may differ by. Less than `longestMs`.
   */
  overlapMs: number;
}

/** Both ends belong to it; whole seconds. */
export interface TimeWindow {
  from: Date;
  to: Date;
}

/** A piece of a window. */
export interface WindowPage {
  records: RawRecord[];
  rejects?: Reject[];
  /** Where in the window to go on. */
  at: Json;
}

/** The pages of a window, from `at` on (null: its beginning). */
export type PagesOfWindow = (window: TimeWindow, at: Json, signal: AbortSignal) => AsyncIterable<WindowPage>;

interface Position {
  from: string;
  /** Of a window that has been begun: its end, where the next one begins, and where in it to go on. */
  begun?: BegunWindow;
}

interface BegunWindow {
  to: string;
  next: string;
  at: Json;
  /** It reached up to the instant at which it was begun. Not stored: after a restart there may be more. */
  isLast?: boolean;
}

/** The cursor from which `readWindows` reads what has changed since an instant. */
export function windowCursor(since: Date): Cursor {
  return { from: toSecond(since.getTime()) };
}

/** The minute up to now: a window that costs little to ask for. */
export function lastMinute(): TimeWindow {
  const now = Date.now();
  return { from: new Date(toSecond(now - 60_000)), to: new Date(toSecond(now)) };
}

/**
 * Reads window after window up to now. A window that was begun is read to its end as it was, also after a restart: pages
 * are numbered within it. Behind the last window stands a cursor that lies the overlap back.
 */
export async function* readWindows(
  stored: Cursor,
  rules: WindowRules,
  pagesOf: PagesOfWindow,
  signal: AbortSignal,
): AsyncGenerator<{ records: RawRecord[]; rejects: Reject[]; cursor: Cursor }> {
  let position = stored as unknown as Position;
  for (;;) {
    signal.throwIfAborted();
    const { from, begun = nextWindow(from, Date.now(), rules) } = position;
    const window = { from: new Date(from), to: new Date(begun.to) };
    for await (const { records, rejects = [], at } of pagesOf(window, begun.at, signal))
      yield { records, rejects, cursor: { from, begun: { to: begun.to, next: begun.next, at } } };
    yield { records: [], rejects: [], cursor: { from: begun.next } };
    if (begun.isLast) return;
    position = { from: begun.next };
  }
}

function nextWindow(from: string, now: number, { longestMs, overlapMs }: WindowRules): BegunWindow {
  const start = Date.parse(from);
  const end = Math.max(start, Math.min(start + longestMs, now));
  const next = Math.max(start, Math.min(end, now - overlapMs));
  return { to: toSecond(end), next: toSecond(next), at: null, isLast: start + longestMs >= now - 1000 };
}

function toSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
