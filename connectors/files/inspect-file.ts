import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { FileState } from './cursor.ts';
import { EncodingDetector, type Encoding } from './encoding.ts';

/** What is to be done about a file. `changed` comes with its encoding, found on the way. */
export type Inspection =
  | { kind: 'unchanged' }
  | { kind: 'moving' }
  | { kind: 'changed' | 'touched'; state: FileState; encoding: Encoding };

type Look = Pick<FileState, 'size' | 'mtimeMs'>;

/**
 * Looks at a file once over: has it changed since `known`, and is it complete? A file that grows while it is
 * looked at is `moving`: leave it for the next time. `touched`: a new time, the same content.
 */
export async function inspectFile(
  file: string,
  known: FileState | undefined,
  settleMs: number,
  signal: AbortSignal,
): Promise<Inspection> {
  const before = await look(file);
  if (!before) return { kind: 'moving' };
  if (known && same(before, known)) return { kind: 'unchanged' };
  await settle(before, settleMs, signal);
  const { digest, encoding } = await scan(file, signal);
  if (!same(before, await look(file))) return { kind: 'moving' };
  return { kind: digest === known?.digest ? 'touched' : 'changed', state: { ...before, digest }, encoding };
}

/** Whether the file still is what it was: what was read from it was one state of it. */
export async function isStill(file: string, state: FileState): Promise<boolean> {
  return same(state, await look(file));
}

/** A young file is given the time a writer needs between two writes; the second look comes after it. */
async function settle(seen: Look, settleMs: number, signal: AbortSignal): Promise<void> {
  // A clock ahead of ours (network drives) must not make us wait for longer than settleMs.
  const ageMs = Math.max(0, Date.now() - seen.mtimeMs);
  if (ageMs < settleMs) await delay(settleMs - ageMs, undefined, { signal });
}

async function scan(file: string, signal: AbortSignal): Promise<{ digest: string; encoding: Encoding }> {
  const hash = createHash('sha256');
  const detector = new EncodingDetector();
  for await (const chunk of createReadStream(file, { signal })) {
    hash.update(chunk as Buffer);
    detector.see(chunk as Buffer);
  }
  return { digest: hash.digest('hex'), encoding: detector.encoding() };
}

/** Undefined when the file is gone. */
async function look(file: string): Promise<Look | undefined> {
  try {
    const { size, mtimeMs } = await stat(file);
    return { size, mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function same(a: Look, b: Look | undefined): boolean {
  return a.size === b?.size && a.mtimeMs === b.mtimeMs;
}
