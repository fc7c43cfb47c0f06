import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { packageRoot } from '../../src/platform/process/package-root.ts';
import { connect } from './inventory/engine.ts';

export const ADMIN_KEY = 'test-admin-key-0123456789';

export interface HubProcess {
  process: ChildProcess;
  output: { stdout: string; stderr: string };
  /** The address that it says it is ready at; undefined when it ended before. */
  ready: Promise<string | undefined>;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface SpawnOptions {
  /** In a process group of its own, as from a terminal. */
  group?: boolean;
  /** What runs the hub, e.g. `unshare` with its options. */
  wrapper?: string[];
}

/** Runs the built hub with exactly this environment, whether it comes up or not. */
export function spawnHub(environment: Record<string, string>, options: SpawnOptions = {}): HubProcess {
  const [file, ...args] = [
    ...(options.wrapper ?? []),
    process.execPath,
    path.join(packageRoot(), 'dist/src/main.js'),
  ];
  const child = spawn(file!, args, {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      PORT: '0',
      HUB_SAMPLE: 'off',
      HUB_DRAIN_SECONDS: '0',
      LOG_LEVEL: 'info',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.group ?? false,
  });
  const output = { stdout: '', stderr: '' };
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as never);
  const ready = new Promise<string | undefined>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output.stdout += chunk.toString();
      const address = /ready at (\S+) .*\n/.exec(output.stdout);
      if (address) resolve(address[1]);
    });
    void ended.then(() => resolve(undefined));
  });
  return { process: child, output, ready, ended };
}

/** Ends hubs however far they have come. */
export async function endAll(hubs: HubProcess[]): Promise<void> {
  for (const hub of hubs.splice(0)) {
    if (hub.process.exitCode === null && hub.process.signalCode === null) hub.process.kill('SIGTERM');
    await hub.ended;
  }
}

/** The channels that a hub knows: one question that needs the key, the schema and the database. */
export async function channelsOf(url: string, key = ADMIN_KEY): Promise<string[]> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: '{ channels { code } }' }),
  });
  const { data, errors } = (await response.json()) as {
    data?: { channels: { code: string }[] };
    errors?: unknown;
  };
  if (!data) throw new Error(JSON.stringify(errors));
  return data.channels.map(({ code }) => code);
}

/** A database without a single table. */
export async function createEmptyDatabase(): Promise<{
  url: string;
  client: pg.Client;
  drop: () => Promise<void>;
}> {
  const server = process.env.TEST_DATABASE_SERVER!;
  const name = `orderweave_test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name} template template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = await connect(url.href);
  return {
    url: url.href,
    client,
    async drop() {
      await client.end();
      await onServer(server, `drop database if exists ${name} with (force)`);
    },
  };
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = await connect(server);
  await client.query(statement);
  await client.end();
}

/** The sessions that wait for a lock of the asking one; unlike pg_stat_activity, read anew within a transaction. */
export const BLOCKED_BY_US =
  'select distinct pid from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))';

/** The PostgreSQL that a hub runs in its folder. */
export function embeddedServer(folder: string) {
  const home = path.join(folder, 'postgres');
  const pidFile = path.join(home, 'cluster', 'postmaster.pid');
  const lines = readFileSync(pidFile, 'utf8').split('\n');
  const password = readFileSync(path.join(home, 'password'), 'utf8');
  return {
    pidFile,
    pid: Number(lines[0]),
    url: `postgres://hub:${password}@127.0.0.1:${lines[3]}/orderweave`,
  };
}

/** What a lock says of from where its process can be looked at: from here. */
export function here() {
  if (process.platform !== 'linux') return {};
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return { bootId, pidNamespace: readlinkSync('/proc/self/ns/pid') };
}

/** A lock of a process in another container: nothing but its file's time tells whether it lives. */
export const FOREIGN_LOCK = JSON.stringify({ ...here(), pid: 1, startedAt: '1', pidNamespace: 'pid:[1]' });

/** Whether a process has ended; one that only waits to be reaped has. */
export function isGone(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}
