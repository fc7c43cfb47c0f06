import type { Json, RawRecord } from './stream.ts';
import type { WindowPage } from './windows.ts';

/** Numbered pages of a window. */
export interface NumberedPages {
  /** How many there are now. */
  count(): Promise<number>;
  /** The number of the first: 0 or 1. */
  first: number;
  read(page: number): Promise<RawRecord[]>;
}

/**
 * Reads numbered pages from the last one back: what changes meanwhile leaves the window and moves the rest to earlier pages,
 * where it is met again rather than missed.
 * @param at as a page before has left it: the page to read next; null at the beginning
 */
export async function* lastPageFirst(
  at: Json,
  { count, first, read }: NumberedPages,
): AsyncGenerator<WindowPage> {
  const last = at === null ? first + (await count()) - 1 : Number(at);
  for (let page = last; page >= first; page--) yield { records: await read(page), at: page - 1 };
}
