import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Cursor } from '../spi/stream.ts';
import type { FilesStream } from './streams.ts';

const fileStateSchema = z.object({ size: z.number(), mtimeMs: z.number(), digest: z.string() });
const cursorSchema = z.object({ mapping: z.string(), files: z.record(z.string(), fileStateSchema) });

/** A file as it was when it was last read to its end. */
export type FileState = z.infer<typeof fileStateSchema>;

/** What of a stream has been read: by file name. */
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
  return { ...cursor, files: Object.fromEntries(kept) };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
