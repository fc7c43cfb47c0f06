import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { createTestDatabase } from './database.ts';
import { ownFolder } from './own-folder.ts';

const root = path.resolve(import.meta.dirname, '../..');

export interface RunningHub {
  url: string;
  adminKey: string;
  databaseUrl: string;
  dataDir: string;
  process: ChildProcess;
  /** What it has printed so far. */
  output: () => { stdout: string; stderr: string };
  /** SIGTERM, then waits for the end. @returns the exit code */
  terminate: () => Promise<number | null>;
  /** SIGKILL. */
  kill: () => Promise<void>;
  /** Ends the hub and drops the database that was made for it. */
  stop: () => Promise<void>;
}

export interface HubOptions {
  /** Whether the sample shop is imported; off by default. */
  sample?: boolean;
  /** A database to share; by default the hub gets one of its own. */
  databaseUrl?: string;
  dataDir?: string;
  /** By default a key of its own. */
  adminKey?: string;
  environment?: Record<string, string>;
  /** The folder of the built version; this one's by default. */
  version?: string;
}

/** Runs the built hub as a process of its own, on any free port. */
export async function startHub(options: HubOptions = {}): Promise<RunningHub> {
  const database = options.databaseUrl ? undefined : await createTestDatabase();
  const own = options.dataDir ? undefined : ownFolder();
  const dataDir = options.dataDir ?? own!.folder;
  const adminKey = options.adminKey ?? `test-${randomBytes(12).toString('hex')}`;
  const hub = await launch(options.version ?? root, {
    PORT: '0',
    DATABASE_URL: options.databaseUrl ?? database!.url,
    HUB_DATA_DIR: dataDir,
    HUB_ADMIN_KEY: adminKey,
    HUB_SAMPLE: options.sample ? 'on' : 'off',
    LOG_LEVEL: 'warn',
    HUB_DRAIN_SECONDS: '0',
    ...options.environment,
  });
  const ended = () => hub.process.exitCode !== null || hub.process.signalCode !== null;
  const end = async (signal: NodeJS.Signals) => {
    if (ended()) return hub.process.exitCode;
    const exit = once(hub.process, 'exit');
    hub.process.kill(signal);
    await exit;
    return hub.process.exitCode;
  };
  return {
    ...hub,
    adminKey,
    databaseUrl: options.databaseUrl ?? database!.url,
    dataDir,
    terminate: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    async stop() {
      await end('SIGTERM');
      await database?.drop();
      own?.remove();
    },
  };
}

/** Starts `node dist/src/main.js` of a version with exactly this configuration, and waits until it says that it is ready. */
async function launch(
  folder: string,
  environment: Record<string, string>,
): Promise<Pick<RunningHub, 'url' | 'process' | 'output'>> {
  const child = spawn(process.execPath, ['--enable-source-maps', path.join(folder, 'dist/src/main.js')], {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  child.stderr.on('data', (chunk: Buffer) => (printed.stderr += chunk.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed.stdout += chunk.toString();
      const ready = /ready at (\S+)/.exec(printed.stdout);
      if (ready) resolve(ready[1]!);
    });
    child.once('exit', (code) => reject(new Error(`the hub ended with ${code}: ${printed.stderr}`)));
  });
  return { url, process: child, output: () => printed };
}
