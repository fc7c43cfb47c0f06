import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from './config.ts';

/**
 * Takes the data folder for this process, so that two hubs cannot end each other's database. A lock whose process is
 * gone, or whose number is another process's by now, is stale and taken over.
 * @returns what gives the folder back
 * @throws ConfigError when another hub uses it
 */
export function claimDataDir(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = path.join(folder, 'hub.lock');
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) }), { mode: 0o600 });
  try {
    while (!linked(own, lock)) {
      const holder = readHolder(lock);
      if (holder && isRunning(holder))
        throw new ConfigError(
          `Another hub (process ${holder.pid}) uses ${folder}. Set HUB_DATA_DIR to another folder; to run several hubs on one database, set DATABASE_URL too.`,
        );
      setAside(lock, `${own}.stale`);
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(lock, { force: true });
}

interface Holder {
  pid: number;
  startedAt: string | undefined;
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

/** Removes a stale lock; one that another hub has put in its place meanwhile is put back. */
function setAside(lock: string, aside: string): void {
  try {
    renameSync(lock, aside);
  } catch {
    return; // another hub was faster
  }
  const taken = readHolder(aside);
  if (taken && isRunning(taken)) linked(aside, lock);
  rmSync(aside, { force: true });
}

function isRunning(holder: Holder): boolean {
  return (
    holder.pid !== process.pid && holder.startedAt !== undefined && startOf(holder.pid) === holder.startedAt
  );
}

function readHolder(lock: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')) as Holder;
  } catch {
    return undefined; // gone, or not ours
  }
}

/** What tells a process from a later one with the same number; undefined when it is gone. */
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
