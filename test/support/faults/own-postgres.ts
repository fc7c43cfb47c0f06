import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../../src/platform/database/embedded-postgres.ts';
import type { TestDatabase } from '../database.ts';

/** A PostgreSQL server that a test may stop, fill and starve. */
export interface OwnPostgres extends Pick<TestDatabase, 'url' | 'query'> {
  folder: string;
  /** SIGSTOP or SIGCONT to the server and all its sessions. */
  signalAll: (signal: 'SIGSTOP' | 'SIGCONT') => void;
  /** Opens sessions until the server refuses one. @returns what ends them */
  useUpConnections: () => Promise<() => Promise<void>>;
  stop: () => Promise<void>;
}

/**
 * @param settings of the server
 * @param diskMegabytes the size of a disk in memory of its own for the data; without one, the project's folder
 */
export async function startOwnPostgres(
  settings: Record<string, string>,
  diskMegabytes?: number,
): Promise<OwnPostgres> {
  const root = path.resolve(import.meta.dirname, '../../..');
  const folder = path.join(root, '.cache', 'test-postgres', randomBytes(6).toString('hex'));
  mkdirSync(folder, { recursive: true });
  if (diskMegabytes) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMegabytes}m`, 'tmpfs', folder]);
  const server: EmbeddedPostgres = await startEmbeddedPostgres({ folder, settings });
  const url = await server.databaseUrl('hub');
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined); // the test does worse to it
  return {
    folder,
    url,
    query: async (text, values) => (await pool.query(text, values)).rows as never,
    signalAll(signal) {
      const postmaster = Number(
        readFileSync(path.join(folder, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0],
      );
      for (const pid of [postmaster, ...childrenOf(postmaster)]) process.kill(pid, signal);
    },
    async useUpConnections() {
      const open: pg.Client[] = [];
      for (;;) {
        const client = new pg.Client({ connectionString: url });
        client.on('error', () => undefined);
        try {
          await client.connect();
        } catch {
          break;
        }
        open.push(client);
      }
      return async () => void (await Promise.all(open.map((client) => client.end())));
    },
    async stop() {
      await pool.end();
      await server.stop();
      if (diskMegabytes) execFileSync('umount', [folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether this process may mount a disk in memory: root outside of a strict container. */
export function canMountDisks(): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // The parent's number is the second field after the name in brackets.
        return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1]) === parent;
      } catch {
        return false; // it has ended meanwhile
      }
    });
}
