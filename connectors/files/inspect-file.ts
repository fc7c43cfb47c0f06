import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { FileState } from './cursor.ts';
import type { Encoding } from './encoding.ts';
import type { FileScan } from './reader/protocol.ts';

/** The next step for a file. `changed` comes with its encoding, found on the way. */
export type Inspection =
  | { kind: 'unchanged' }
  | { kind: 'moving' }
  | { kind: 'changed' | 'touched'; state: FileState; encoding: Encoding };

type SizeAndTime = Pick<FileState, 'size' | 'mtimeMs'>;

/**
 * Inspects a file: has it changed since `known`, and is it complete? A file that grows while it is
 * looked at is `moving`: leave it for the next time. `touched`: a new time, the same content.
 * @param scan reads all bytes of the file
 */
export async function inspectFile(
  file: string,
  known: FileState | undefined,
  settleMs: number,
  signal: AbortSignal,
  scan: (file: string) => Promise<FileScan>,
): Promise<Inspection> {
  const before = await sizeAndTime(file);
  if (!before) return { kind: 'moving' };
  if (known && isSame(before, known)) return { kind: 'unchanged' };
  await settle(before, settleMs, signal);
  const { digest, encoding } = await scan(file);
  if (!isSame(before, await sizeAndTime(file))) return { kind: 'moving' };
  return { kind: digest === known?.digest ? 'touched' : 'changed', state: { ...before, digest }, encoding };
}

/** Whether the file still is what it was: what was read from it was one state of it. */
export async function isStill(file: string, state: FileState): Promise<boolean> {
  return isSame(state, await sizeAndTime(file));
}

/** A young file is given the time a writer needs between two writes; the second look comes after it. */
async function settle(seen: SizeAndTime, settleMs: number, signal: AbortSignal): Promise<void> {
  // A clock ahead of ours (network drives) must not make us wait for longer than settleMs.
  const ageMs = Math.max(0, Date.now() - seen.mtimeMs);
  if (ageMs < settleMs) await delay(settleMs - ageMs, undefined, { signal });
}

/** Undefined when the file is gone, or is no file but a device or a pipe. */
export async function sizeAndTime(file: string): Promise<SizeAndTime | undefined> {
  try {
    const found = await stat(file);
    return found.isFile() ? { size: found.size, mtimeMs: found.mtimeMs } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function isSame(a: SizeAndTime, b: SizeAndTime | undefined): boolean {
  return a.size === b?.size && a.mtimeMs === b.mtimeMs;
}
