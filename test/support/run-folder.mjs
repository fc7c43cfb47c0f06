import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const MEMORY = '/dev/shm';
/** What a run needs at most, of its PostgreSQL's WAL most of it, and as much again for the others on the machine. */
const ROOM_BYTES = 4 * 1024 ** 3;

/**
 * The folder of this run, for its PostgreSQL and the data of its hubs: in memory where there is room, since what a copy
 * of the template costs is the making of its 400 files, a millisecond each on some disks. Each run has its own, so that
 * two do not meet.
 */
export const runFolder = path.join(parent(), String(process.pid));

function parent() {
  const hasRoom = () => {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM_BYTES;
  };
  try {
    if (hasRoom()) return path.join(MEMORY, `orderweave-tests-${process.getuid()}`);
  } catch {
    // there is none on this system
  }
  return path.join(root, '.cache', 'test-runs');
}

/** Makes the folder, for nobody else to read, and removes those of runs that have ended without doing so. */
export function makeRunFolder() {
  mkdirSync(runFolder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(path.dirname(runFolder))) {
    try {
      process.kill(Number(name), 0);
    } catch {
      rmSync(path.join(path.dirname(runFolder), name), { recursive: true, force: true });
    }
  }
}

export function removeRunFolder() {
  rmSync(runFolder, { recursive: true, force: true, maxRetries: 5 });
}
