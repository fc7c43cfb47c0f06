import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Takes the data folder for this process, so that two hubs cannot end each other's database. A lock whose process is
 * gone, or whose number is another process's by now, is stale and taken over.
 * @returns what gives the folder back
 * @throws Error when another hub uses it
 */
export function claimDataDir(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = path.join(folder, 'hub.lock');
  const holder = readHolder(lock);
  if (holder && holder.pid !== process.pid && startOf(holder.pid) === holder.startedAt)
    throw new Error(
      `Another hub (process ${holder.pid}) uses ${folder}. Set HUB_DATA_DIR to another folder; to run several hubs on one database, set DATABASE_URL too.`,
    );
  writeFileSync(lock, JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) }), { mode: 0o600 });
  return () => rmSync(lock, { force: true });
}

interface Holder {
  pid: number;
  startedAt: string | undefined;
}

function readHolder(lock: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')) as Holder;
  } catch {
    return undefined; // none, or half written by a killed process
  }
}

/** What tells a process from a later one with the same number; undefined when it is gone. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      process.kill(pid, 0);
      return 'running';
    }
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    return fields[0] === 'Z' ? undefined : fields[19]; // state; start time in clock ticks since boot
  } catch {
    return undefined;
  }
}
