import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Cursor } from '../spi/stream.ts';
import type { FilesStream } from './streams.ts';

const fileStateSchema = z.object({ size: z.number(), mtimeMs: z.number(), digest: z.string() });
const beginningSchema = z.object({
  name: z.string(),
  digest: z.string(),
  /** Which process of the hub began. */
  by: z.string(),
  /** Pages that were stored. */
  pages: z.number(),
  /** How many processes of the hub have ended before they came further than this. */
  ends: z.number(),
});
const cursorSchema = z.object({
  mapping: z.string(),
  files: z.record(z.string(), fileStateSchema),
  begun: beginningSchema.optional(),
});

/** A file as it was when it was last read to its end. */
export type FileState = z.infer<typeof fileStateSchema>;

/** A file that was begun and is not read to its end. */
export type Beginning = z.infer<typeof beginningSchema>;

/** The part of a stream that has been read: by file name. */
export type FilesCursor = z.infer<typeof cursorSchema>;

/**
 * The stored cursor, or a fresh one when there is none, when it is not understood (an older version), or when the
 * mapping has changed since: then every file is read again, which is harmless because records are idempotent.
 */
export function openCursor(stored: Cursor | null, stream: FilesStream): FilesCursor {
  const mapping = digestOf(JSON.stringify(stream.mapping));
  const parsed = cursorSchema.safeParse(stored);
  return parsed.success && parsed.data.mapping === mapping ? parsed.data : { mapping, files: {} };
}

/** The cursor without files that are gone, so that it does not grow for ever. */
export function pruned(cursor: FilesCursor, present: readonly string[]): FilesCursor {
  const kept = Object.entries(cursor.files).filter(([name]) => present.includes(name));
  const { begun, ...rest } = cursor;
  return {
    ...rest,
    files: Object.fromEntries(kept),
    ...(begun && present.includes(begun.name) ? { begun } : {}),
  };
}

/**
 * The note that a file is begun, stored before its first page: should the hub itself end while it takes a page in, again
 * and again at the same one, the file is recognised by that.
 */
export function beginningOf(
  before: Beginning | undefined,
  file: Pick<Beginning, 'name' | 'digest'>,
  by: string,
): Beginning {
  const isSame = before?.name === file.name && before.digest === file.digest;
  if (!before || !isSame) return { ...file, by, pages: 0, ends: 0 };
  return { ...before, by, ends: before.by === by ? before.ends : before.ends + 1 };
}

/** The note after `pages` pages of this attempt: one that comes further than those before begins to count anew. */
export function furtherOn(begun: Beginning, pages: number): Beginning {
  return pages > begun.pages ? { ...begun, pages, ends: 0 } : begun;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
