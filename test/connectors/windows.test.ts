import { describe, expect, it } from '@jest/globals';
import {
  readWindows,
  windowCursor,
  type Cursor,
  type Json,
  type TimeWindow,
} from '../../connectors/spi/index.ts';
import { never } from '../support/connectors/read-stream.ts';

const HOUR = 3_600_000;
const rules = { longestMs: 24 * HOUR, overlapMs: HOUR };
const seconds = (ms: number) => Math.floor(ms / 1000) * 1000;

/** Reads windows of two pages each; notes which were asked for. */
async function read(cursor: Cursor, stopAfter = Infinity) {
  const windows: (TimeWindow & { at: Json })[] = [];
  let last = cursor;
  async function* pages(window: TimeWindow, at: Json) {
    windows.push({ ...window, at });
    if (at === null) yield { records: [], at: 2 };
    yield { records: [], at: 3 };
  }
  let count = 0;
  for await (const page of readWindows(cursor, rules, pages, never)) {
    last = page.cursor;
    if (++count === stopAfter) break;
  }
  return { windows, cursor: last };
}

describe('reading by windows', () => {
  it('asks for none that is longer than allowed, leaves no gap, and ends now', async () => {
    const begin = Date.now() - 60 * HOUR;
    const { windows } = await read(windowCursor(new Date(begin)));
    expect(windows.map(({ from, to }) => to.getTime() - from.getTime())).toEqual([
      24 * HOUR,
      24 * HOUR,
      expect.any(Number),
    ]);
    expect(windows[0]!.from.getTime()).toBe(seconds(begin));
    for (const [index, { from }] of windows.slice(1).entries()) expect(from).toEqual(windows[index]!.to);
    expect(Date.now() - windows[2]!.to.getTime()).toBeLessThan(60_000);
  });

  it('begins the next read the overlap back, not earlier', async () => {
    const first = await read(windowCursor(new Date(Date.now() - 2 * HOUR)));
    const { windows } = await read(first.cursor);
    expect(windows).toHaveLength(1);
    const back = first.windows[0]!.to.getTime() - windows[0]!.from.getTime();
    expect(Math.abs(back - HOUR)).toBeLessThan(2_000);
  });

  it('reads a window that was begun to its end as it was, from where it was, and what came since after it', async () => {
    const { windows, cursor } = await read(windowCursor(new Date(Date.now() - 60 * HOUR)), 1);
    const again = await read(JSON.parse(JSON.stringify(cursor)) as Cursor);
    expect(again.windows[0]).toEqual({ ...windows[0], at: 2 });
    expect(again.windows).toHaveLength(3);
  });
});
