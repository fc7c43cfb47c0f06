/**
 * The reader process: reads the files that the hub names, and ends with the hub. Started by `FileReader`, never imported
 * by it.
 */
import { filePages } from './file-pages.ts';
import type { FilePage, ReaderReply, ReaderRequest } from './protocol.ts';
import { scanFile } from './scan-file.ts';

/** How often progress is reported at most, in milliseconds. */
const PROGRESS_MS = 500;

let reported = performance.now();
let pages: AsyncGenerator<FilePage> | undefined;

function reply(message: ReaderReply): void {
  // The channel may be closing: then nobody waits for it.
  process.send?.(message, undefined, undefined, () => {});
}

function progress(): void {
  const now = performance.now();
  if (now - reported < PROGRESS_MS) return;
  reported = now;
  reply({ kind: 'progress' });
}

async function answer(request: ReaderRequest): Promise<ReaderReply> {
  if (request.kind === 'scan') return { kind: 'scanned', ...(await scanFile(request.file, progress)) };
  if (request.kind === 'read') {
    await pages?.return(undefined);
    pages = filePages(request, progress);
  }
  const next = await pages?.next();
  return next && !next.done ? { kind: 'page', ...next.value } : { kind: 'end' };
}

function failed(error: unknown): ReaderReply {
  const isSystem = error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number';
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'failed', failure: { kind: isSystem ? 'system' : 'defect', message } };
}

process.on('message', (request: ReaderRequest) => void answer(request).catch(failed).then(reply));
// The hub has ended, however it did.
process.on('disconnect', () => process.exit(0));
// These come to the whole group of processes; the hub decides what becomes of its reader.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
reply({ kind: 'ready' });
