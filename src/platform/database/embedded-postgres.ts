import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { PostgresCluster } from './postgres-cluster.ts';

/** A PostgreSQL server of real binaries, run as a child of this process and ended with it, kill -9 included. */
export interface EmbeddedPostgres {
  /** Connection address of database `name`, which is created when it does not exist yet. */
  databaseUrl(name: string): Promise<string>;
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Folder that holds the cluster; made when missing. Nobody else may use it meanwhile. */
  folder: string;
  /** Extra settings, e.g. `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>;
  /** Called when the server ends though nobody has stopped it. Default: nothing is done. */
  onLost?: (error: Error) => void;
  /** How a port is found that nobody uses. Default: the system names one. */
  findPort?: () => Promise<number>;
}

const START_TIMEOUT_MS = 60_000;
/** A fast shutdown writes a checkpoint; one that takes longer than this is cut short, and the next start recovers. */
const FAST_STOP_MS = 10_000;
/** A stranger on our port may accept connections and answer nothing. */
const ANSWER_TIMEOUT_MS = 5_000;
const PORT_TAKEN = /could not bind .*Address already in use/;

/** Starts the cluster in `folder`, creating it on the first call. A server orphaned by a killed hub is ended first. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { settings = {}, onLost = () => undefined, findPort = freePort } = options;
  const folder = new PostgresCluster(path.resolve(options.folder));
  await folder.createCluster();
  await folder.endOrphan();
  let server = new Server(folder, await findPort());
  try {
    await server.start(settings);
  } catch (error) {
    // Between the search and the start, somebody else may take a port.
    if (!PORT_TAKEN.test((error as Error).message)) throw error;
    server = new Server(folder, await findPort());
    await server.start(settings);
  }
  server.watch(onLost);
  return { stop: () => server.stop(), databaseUrl: (name) => server.databaseUrl(name) };
}

/** One run of the server. */
class Server {
  private child!: ChildProcess;
  private stopping = false;
  /** The end of what it has said. */
  private output = '';

  constructor(
    private readonly folder: PostgresCluster,
    private readonly port: number,
  ) {}

  async start(settings: Record<string, string>): Promise<void> {
    this.child = await this.folder.launch(this.port, settings);
    this.child.stderr!.on('data', (chunk: Buffer) => {
      this.output = (this.output + chunk.toString()).slice(-4000);
    });
    try {
      await this.ready();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  watch(onLost: (error: Error) => void): void {
    const lost = () => {
      if (!this.stopping) onLost(this.ended());
    };
    if (this.hasEnded()) lost();
    else this.child.once('exit', lost);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    if (this.hasEnded()) return;
    const exit = once(this.child, 'exit');
    // Fast shutdown: rolls back and writes a checkpoint. One that has not written its pid file has done nothing yet.
    if (!this.folder.signal('SIGINT')) this.child.kill('SIGKILL');
    const impatient = setTimeout(
      () => this.folder.signal('SIGQUIT') || this.child.kill('SIGKILL'),
      FAST_STOP_MS,
    );
    await exit;
    clearTimeout(impatient);
  }

  async databaseUrl(name: string): Promise<string> {
    await createDatabase(this.folder.url(this.port, 'postgres'), name);
    return this.folder.url(this.port, name);
  }

  private async ready(): Promise<void> {
    const connectionString = this.folder.url(this.port, 'postgres');
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      if (this.hasEnded()) throw this.ended();
      const client = new pg.Client({ connectionString, connectionTimeoutMillis: ANSWER_TIMEOUT_MS });
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

  private hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private ended(): Error {
    const how = this.child.signalCode ?? `exit code ${this.child.exitCode}`;
    return new Error(`PostgreSQL ended (${how}): ${this.output.trim()}`);
  }
}

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as net.AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
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
