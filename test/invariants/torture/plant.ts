import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { startHub, type RunningHub } from '../../support/hub.ts';
import { ON_HAND, SKUS } from './commands.ts';
import { freePort } from '../../support/free-port.ts';

const root = path.resolve(import.meta.dirname, '../../..');

interface Postgres {
  databaseUrl: (name: string) => Promise<string>;
  stop: () => Promise<void>;
}
type StartPostgres = (options: {
  folder: string;
  findPort: () => Promise<number>;
  onLost: (error: Error) => void;
}) => Promise<Postgres>;

/** A PostgreSQL of its own with default durability, and hubs on it; each can be killed and comes back. */
export class Plant {
  readonly adminKey = `torture-${randomUUID()}`;
  readonly hubs: RunningHub[] = [];
  readonly folder = path.join(root, '.cache', 'torture', String(process.pid));
  databaseUrl = '';
  /** Words of hubs that have ended, too. */
  private readonly words: string[] = [];
  private postgres: Postgres | undefined;
  private startPostgres!: () => Promise<void>;

  async start(hubs: number): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    const { startEmbeddedPostgres } = (await import(
      path.join(root, 'dist/src/platform/database/embedded-postgres.js')
    )) as { startEmbeddedPostgres: StartPostgres };
    const port = await freePort();
    this.startPostgres = async () => {
      this.postgres = await startEmbeddedPostgres({
        folder: path.join(this.folder, 'postgres'),
        findPort: async () => port,
        onLost: () => undefined, // that is what we do to it
      });
    };
    await this.startPostgres();
    this.databaseUrl = await this.postgres!.databaseUrl('torture');
    // The first one migrates.
    for (let hub = 0; hub < hubs; hub++) this.hubs.push(await this.startHub());
    await this.query(
      `insert into channel (code, name, pool) values ('douyin', 'Douyin', 'MAIN'), ('jd', 'JD', 'MAIN')`,
    );
    await this.query(
      `insert into node (code, name, kind, city, pool) values ('WH', 'Warehouse', 'WAREHOUSE', 'Shanghai', 'MAIN')`,
    );
    await this.query('insert into sku (code, title) select code, code from unnest($1::text[]) as code', [
      SKUS,
    ]);
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** SIGKILL, and another one in its place. */
  async killHub(which: number): Promise<void> {
    const victim = this.hubs[which]!;
    await victim.kill();
    this.words.push(victim.output().stderr);
    this.hubs[which] = await this.startHub();
  }

  /** SIGKILL to the server: all its sessions end, and the next start recovers from the log. */
  async killPostgres(): Promise<void> {
    const [pid] = readFileSync(path.join(this.folder, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGKILL');
    await this.startPostgres();
  }

  /** The sessions of the promise engines end in the middle of whatever they do. */
  async cutEngines(): Promise<void> {
    await this.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'orderweave promise engine%'`,
    );
  }

  /** What all hubs have logged so far. */
  log(): string {
    return [...this.words, ...this.hubs.map((hub) => hub.output().stderr)].join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all(this.hubs.map((hub) => hub.stop()));
    await this.postgres?.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private startHub(): Promise<RunningHub> {
    return startHub({ databaseUrl: this.databaseUrl, adminKey: this.adminKey });
  }
}

/** What stands at the start; told to the hubs by the API. */
export const firstCount = {
  mutation: 'adjustStock',
  input: {
    idempotencyKey: 'first-count',
    node: 'WH',
    reason: 'count',
    lines: SKUS.map((sku) => ({ sku, counted: ON_HAND })),
  },
};
