import pg from 'pg';
import { currentAddress } from '../database/primary-host.ts';
import { sessionSettings } from '../database/session-settings.ts';
import { endAtOnce, endWhenSilent } from '../database/silent-connections.ts';
import { registerValues } from './registry.ts';

/** A gauge that is counted in the database: `sql` gives rows of one label and a value. */
export interface DatabaseGauge {
  name: string;
  help: string;
  label: string;
  /** A select of two columns, text and int8. */
  sql: string;
}

const DEADLINE_MS = 1_000;
/** A connection that is silent for longer is given up: by then the server has ended the statement. */
const SILENT_MS = 2_000;
/** So long an answer, or a failure, serves further scrapes. */
const FRESH_MS = 10_000;

interface Row {
  gauge: string;
  label: string;
  value: string;
}

/**
 * Counts what is in the database when it is scraped: all gauges by one statement, at most once in ten seconds, and
 * within a second. Where the database does not answer in time, these gauges are left out and `orderweave_database_up`
 * is 0; the rest of the scrape is not kept waiting. The connection is its own, made with the first scrape: the pool may be
 * what an operator wants to see.
 */
export class DatabaseGauges {
  private rows: readonly Row[] | undefined;
  private asOf = -Infinity;
  private counting: Promise<void> | undefined;
  private client: pg.Client | undefined;

  constructor(
    private readonly databaseUrl: string,
    private readonly gauges: readonly DatabaseGauge[],
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Registers the gauges; once a process. */
  register(): void {
    registerValues(
      {
        name: 'orderweave_database_up',
        help: 'Whether the database answered the last count within a second (1), or not (0).',
        type: 'gauge',
      },
      async () => [{ labels: {}, value: (await this.read()) ? 1 : 0 }],
    );
    for (const { name, help, label } of this.gauges)
      registerValues({ name, help, type: 'gauge' }, async () =>
        ((await this.read()) ?? [])
          .filter((row) => row.gauge === name)
          .map((row) => ({ labels: { [label]: row.label }, value: Number(row.value) })),
      );
  }

  /** Ends the connection. */
  close(): void {
    if (this.client) endAtOnce(this.client);
  }

  /** The rows of all gauges; undefined where the database did not answer in time. */
  async read(): Promise<readonly Row[] | undefined> {
    if (this.now() - this.asOf < FRESH_MS) return this.rows;
    // A count that is late is not begun again beside itself: it would take connections one by one.
    this.counting ??= this.count().finally(() => (this.counting = undefined));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), DEADLINE_MS);
    });
    const end = await Promise.race([this.counting, late]).finally(() => clearTimeout(timer));
    if (end === 'late') this.store(undefined);
    return this.rows;
  }

  private async count(): Promise<void> {
    const sql = this.gauges
      .map(
        ({ name, sql: select }) =>
          `select '${name}' as gauge, counted.* from (${select}) counted (label, value)`,
      )
      .join(' union all ');
    try {
      const client = (this.client ??= await this.connect());
      this.store((await client.query<Row>(sql)).rows);
    } catch {
      this.store(undefined); // `orderweave_database_up` says so
    }
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: currentAddress(this.databaseUrl),
      application_name: 'orderweave metrics',
      connectionTimeoutMillis: DEADLINE_MS,
      ...sessionSettings({ lockMs: DEADLINE_MS, statementMs: DEADLINE_MS, idleInTransactionMs: DEADLINE_MS }),
    });
    client.on('error', () => this.disconnect(client));
    client.once('end', () => this.disconnect(client));
    endWhenSilent(client, this.databaseUrl, SILENT_MS);
    await client.connect();
    return client;
  }

  private disconnect(client: pg.Client): void {
    if (this.client === client) this.client = undefined;
  }

  private store(rows: readonly Row[] | undefined): void {
    this.rows = rows;
    this.asOf = this.now();
  }
}
