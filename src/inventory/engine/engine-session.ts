import pg from 'pg';

/**
 * Our own transactions hold a row for milliseconds. Somebody else who holds one longer must not stop all other SKUs:
 * their commands go on, and those that need the row are told to come again.
 */
const LOCK_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Planning all statements takes some milliseconds, and a batch about as long. */
const BATCHES_A_PLAN = 64;

/**
 * Every statement goes by key, and is planned once for many batches. Plans that read tables whole are ruled out as far
 * as the planner can be told; what they would cost must not start the JIT.
 */
const SETTINGS = `set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off;
  set enable_mergejoin = off; set jit = off`;

/** The connection of the promise engine. Statements are sent at once, without waiting for the ones before. */
export class EngineSession {
  private batches = 0;

  private constructor(readonly client: pg.Client) {}

  static async connect(databaseUrl: string, onLost: (error: Error) => void): Promise<EngineSession> {
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'orderweave promise engine',
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      pipeline: true,
    });
    client.on('error', onLost);
    await client.connect();
    await client.query(SETTINGS);
    return new EngineSession(client);
  }

  /**
   * To be called before each batch. A plan that was made while a table was nearly empty still reads it from end to end,
   * by an index, when it has grown: plans are made anew after 1, 2, 4, … batches, then every 64.
   */
  beforeBatch(): void {
    const count = this.batches++;
    if (count === 0 || (count % BATCHES_A_PLAN !== 0 && (count > BATCHES_A_PLAN || (count & (count - 1)) !== 0))) return;
    this.client.query('discard plans').catch(() => undefined); // the batch behind it meets the same fate
  }

  async end(): Promise<void> {
    await this.client.end().catch(() => undefined); // it may be gone already
  }
}
