import pg from 'pg';
import { sessionSettings } from '../../../platform/database/session-settings.ts';
import { endConnection, endWhenSilent } from '../../../platform/database/silent-connections.ts';
import { Pipeline, type Prepared } from './pipeline.ts';
import { arrayLiteral, type SqlValue } from './pg-array.ts';
import type { Statement } from './statement.ts';
import { hasActiveSpan, recordStatement } from '../../../platform/tracing/tracer.ts';
import { currentAddress } from '../../../platform/database/primary-host.ts';

/**
 * Our own transactions hold a row for milliseconds. Somebody else who holds one longer must not stop all other SKUs:
 * their commands go on, and those that need the row are told to come again.
 */
const LOCK_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 2_500;
/** A hub that stands still in a batch (a paused machine) loses its locks after this time, so that others go on. */
const IDLE_IN_TRANSACTION_MS = 2_000;
/** The longest silence of PostgreSQL while a batch is under way: then the connection is given up, and made anew. */
const ANSWER_WITHIN_MS = 3_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** Planning all statements takes some milliseconds, and a batch about as long. */
const BATCHES_A_PLAN = 256;

/**
 * Every statement goes by key, and is planned once for many batches. Plans that read tables whole are ruled out as far
 * as the planner can be told; what they would cost must not start the JIT.
 */
const SETTINGS = `set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off;
  set enable_mergejoin = off; set jit = off`;

const BEGIN = { name: 'begin', text: 'begin isolation level read committed' };
const COMMIT = { name: 'commit', text: 'commit' };
const ROLLBACK = { name: 'rollback', text: 'rollback' };
const DISCARD_PLANS = { name: 'discard-plans', text: 'discard plans' };

/**
 * The connection of the promise engine. Statements that are run without waiting for each other are sent together, and
 * at once, behind whatever is under way.
 */
export class EngineSession {
  private readonly prepared: Prepared = new Map();
  private flight: Pipeline | undefined;
  private batches = 0;

  private constructor(private readonly client: pg.Client) {}

  static async connect(databaseUrl: string, onLost: (error: Error) => void): Promise<EngineSession> {
    const client = new pg.Client({
      connectionString: currentAddress(databaseUrl),
      application_name: 'orderweave promise engine',
      ...sessionSettings({
        lockMs: LOCK_TIMEOUT_MS,
        statementMs: STATEMENT_TIMEOUT_MS,
        idleInTransactionMs: IDLE_IN_TRANSACTION_MS,
      }),
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      pipeline: true,
    });
    client.on('error', onLost);
    endWhenSilent(client, databaseUrl, ANSWER_WITHIN_MS);
    await client.connect();
    await client.query(SETTINGS);
    return new EngineSession(client);
  }

  /** Runs a statement with its one JSON argument. */
  query<Row>(statement: Statement, argument: unknown): Promise<Row[]> {
    return this.run(statement, [JSON.stringify(argument)]);
  }

  /** Runs a statement whose arguments are columns. */
  queryColumns<Row>(statement: Statement, columns: readonly (readonly SqlValue[])[]): Promise<Row[]> {
    return this.run(statement, columns.map(arrayLiteral));
  }

  /** Runs a statement whose arguments are texts already. */
  run<Row>(statement: Statement, values: readonly (string | null)[] = []): Promise<Row[]> {
    if (!this.flight) {
      this.flight = new Pipeline(this.prepared);
      queueMicrotask(() => this.depart());
    }
    const rows = this.flight.add(statement, values) as Promise<Row[]>;
    if (hasActiveSpan()) recordStatement(statement.name, rows);
    return rows;
  }

  begin(): Promise<unknown> {
    return Promise.all([this.renewPlans(), this.run(BEGIN)]);
  }

  /** Statements that are sent as one packet, which PostgreSQL takes as one transaction: all of them, or none. */
  async transaction<T>(board: () => Promise<T>): Promise<T> {
    this.depart();
    const renewed = this.renewPlans();
    const done = board();
    this.depart();
    const [result] = await Promise.all([done, renewed]);
    return result;
  }

  /** Statements run after it are sent after it. */
  commit(): Promise<unknown> {
    const committed = this.run(COMMIT);
    this.depart();
    return committed;
  }

  /** Ends a transaction that has failed. A lost connection has ended it by itself. */
  async rollBack(): Promise<void> {
    this.depart();
    await this.run(ROLLBACK).catch(() => undefined);
  }

  /**
   * A plan that was made while a table was nearly empty still reads it from end to end, by an index, when it has grown:
   * plans are made anew after 1, 2, 4, … batches, then every 256.
   */
  private async renewPlans(): Promise<void> {
    const count = this.batches++;
    const isDue =
      count < BATCHES_A_PLAN ? count > 0 && (count & (count - 1)) === 0 : count % BATCHES_A_PLAN === 0;
    if (isDue) await this.run(DISCARD_PLANS);
  }

  /** A server that does not answer is not waited for: the socket is closed, and with it the session's locks. */
  end(): Promise<void> {
    return endConnection(this.client);
  }

  private depart(): void {
    const { flight } = this;
    this.flight = undefined;
    if (flight) this.client.query(flight);
  }
}
