import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from './config.ts';
import type { Logger } from './log.ts';

/** How often the holder of a folder touches its lock. */
const HEARTBEAT_MS = 2_000;
/** A lock that nobody has touched for so long is nobody's. */
const STALE_MS = 10_000;
const LOOK_MS = 100;

export interface ClaimOptions {
  log: Logger;
  /** Called when another hub has taken the folder although this one lives, e.g. after the machine was paused. */
  onLost: (error: Error) => void;
}

/**
 * Claims the data folder for this process, so that two hubs cannot end each other's database. A lock whose process is
 * gone, or whose number is another process's by now, is stale and taken over. A process of another container or
 * machine cannot be looked at from here: its lock is stale when it is not touched any more.
 * @returns what gives the folder back
 * @throws ConfigError when another hub uses it
 */
export async function claimDataDir(folder: string, { log, onLost }: ClaimOptions): Promise<() => void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = path.join(folder, 'hub.lock');
  const own = `${lock}.${randomUUID()}`;
  writeFileSync(own, JSON.stringify(currentProcess()), { mode: 0o600 });
  try {
    while (!linked(own, lock)) {
      const found = readLock(lock);
      if (!found) continue; // given back just now
      if (found.holder && (await isHeld(lock, found, found.holder, log)))
        throw dataDirInUseError(folder, found.holder);
      moveStaleLock(lock, `${own}.stale`, found);
    }
    return keepHolding(openSync(own, 'r+'), lock, onLost);
  } finally {
    rmSync(own, { force: true });
  }
}

/** The holder of a folder, and where its process can be seen. */
interface Holder {
  pid: number;
  startedAt: string | undefined;
  bootId: string | undefined;
  pidNamespace: string | undefined;
}

interface FoundLock {
  inode: number;
  touchedAt: number;
  /** Undefined when it is not readable as one of ours. */
  holder: Holder | undefined;
}

function currentProcess(): Holder {
  const { pid } = process;
  return { pid, startedAt: startOf(pid), bootId: bootId(), pidNamespace: pidNamespace() };
}

/** Touches the lock until it is given back. */
function keepHolding(own: number, lock: string, onLost: (error: Error) => void): () => void {
  const isOurs = () => statSync(lock, { throwIfNoEntry: false })?.ino === fstatSync(own).ino;
  let missed = 0;
  const touch = () => {
    const now = new Date();
    futimesSync(own, now, now);
    missed = isOurs() ? 0 : missed + 1;
    if (missed < 2) return; // who looks whether it is stale takes it away for a moment
    clearInterval(beat);
    onLost(new Error(`${lock} is another hub's by now, or was removed`));
  };
  const beat = setInterval(touch, HEARTBEAT_MS).unref();
  return () => {
    clearInterval(beat);
    if (isOurs()) rmSync(lock, { force: true });
    closeSync(own);
  };
}

/** Whole and at once, or not at all: of hubs that start together, one gets the lock and the others read who. */
function linked(own: string, lock: string): boolean {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the stale lock; one that another hub has put in its place meanwhile is put back. */
function moveStaleLock(lock: string, aside: string, stale: FoundLock): void {
  try {
    renameSync(lock, aside);
  } catch {
    return; // another hub was faster
  }
  const taken = readLock(aside);
  if (taken && (taken.inode !== stale.inode || taken.touchedAt !== stale.touchedAt)) linked(aside, lock);
  rmSync(aside, { force: true });
}

async function isHeld(
  lock: string,
  { touchedAt, inode }: FoundLock,
  holder: Holder,
  log: Logger,
): Promise<boolean> {
  if (canSee(holder)) return isRunning(holder);
  const staleAt = Math.min(touchedAt, Date.now()) + STALE_MS; // the clock that touched it may run ahead
  if (Date.now() < staleAt)
    log.warn({ lock }, 'a hub of another container uses the folder, or did until just now');
  while (Date.now() < staleAt) {
    await delay(LOOK_MS);
    const now = readLock(lock);
    if (now?.inode !== inode) return false; // given back; whose it is now is asked next
    if (now.touchedAt !== touchedAt) return true;
  }
  return false;
}

/** Whether its process is one that can be looked at from here. */
function canSee(holder: Holder): boolean {
  return holder.bootId === bootId() && holder.pidNamespace === pidNamespace();
}

function dataDirInUseError(folder: string, holder: Holder): ConfigError {
  const who = `process ${holder.pid}${canSee(holder) ? '' : ' of another container or machine'}`;
  return new ConfigError(
    `Another hub (${who}) uses ${folder}. Set HUB_DATA_DIR to another folder; to run several hubs on one database, set DATABASE_URL too.`,
  );
}

function isRunning(holder: Holder): boolean {
  return (
    holder.pid !== process.pid && holder.startedAt !== undefined && startOf(holder.pid) === holder.startedAt
  );
}

function readLock(lock: string): FoundLock | undefined {
  const file = statSync(lock, { throwIfNoEntry: false });
  if (!file) return undefined;
  const found = { inode: file.ino, touchedAt: file.mtimeMs };
  try {
    return { ...found, holder: JSON.parse(readFileSync(lock, 'utf8')) as Holder };
  } catch {
    return { ...found, holder: undefined };
  }
}

/** Distinguishes a process from a later one with the same number; undefined when it is gone. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      process.kill(pid, 0);
      return 'running';
    }
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : fields[19]; // state; start time in clock ticks since boot
  } catch {
    return undefined;
  }
}

/** Which start of which machine this is; undefined where the system does not say. */
function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Processes of one namespace see each other; each container has its own. */
function pidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}
