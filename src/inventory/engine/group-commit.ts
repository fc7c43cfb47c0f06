import pg from 'pg';
import { isConnectionLoss } from '../../platform/connection-loss.ts';
import { HubError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import type { Decision, Outcome, StockCommand, Submission } from './command.ts';
import { runBatch, type BatchResult } from './run-batch.ts';

/** Commands of one transaction at the most; beyond that, waiting longer buys no throughput. */
const MAX_BATCH = 256;
/** Commands that may wait; at a thousand a second that is ten seconds, which no caller should wait longer. */
const MAX_QUEUE = 10_000;
const RETRY_AFTER_SECONDS = 2;
const CONFLICT_RETRIES = 3;
/**
 * Our own transactions hold a row for milliseconds. Somebody else who holds one longer must not stop all other SKUs:
 * their commands go on, and those that need the row are told to come again.
 */
const LOCK_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 15_000;
/** lock_not_available */
const LOCK_TIMEOUT_CODE = '55P03';
/** deadlock_detected and serialization_failure: nothing has happened, and trying again is safe. */
const CONFLICT_CODES = new Set(['40P01', '40001']);

/** What a commit has changed, for those who watch. */
export type Committed = Omit<BatchResult, 'decisions'>;

interface Waiting {
  submission: Submission;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

/**
 * Concurrent commands of this process share transactions: while one commits, the next ones gather, so nobody waits
 * when nothing else is going on, and a busy row is locked once for many. Other processes and direct SQL writers are
 * kept out by the row locks.
 */
export class GroupCommit {
  private readonly queue: Waiting[] = [];
  private running: Promise<void> | undefined;
  private client: pg.Client | undefined;
  private closed = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly log: Logger,
    /** Told after each commit what it has changed. */
    private readonly onCommit: (committed: Committed) => void,
  ) {}

  /**
   * Carries a command out, in the order of arrival.
   * @throws HubError of a bad request, OVERLOADED, or DATABASE_UNAVAILABLE, after which the same key is safe to retry
   */
  submit(submission: Submission): Promise<Outcome> {
    if (this.closed || this.queue.length >= MAX_QUEUE) return Promise.reject(overloaded());
    return new Promise((resolve, reject) => {
      this.queue.push({ submission, resolve, reject });
      this.running ??= this.work();
    });
  }

  /** Lets the waiting commands end, then closes the connection. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
    await this.disconnect();
  }

  private async disconnect(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined); // it may be gone already
  }

  private async work(): Promise<void> {
    await Promise.resolve(); // commands of the same tick belong together
    while (this.queue.length > 0) await this.commit(this.queue.splice(0, MAX_BATCH));
    this.running = undefined;
  }

  private async commit(batch: Waiting[]): Promise<void> {
    try {
      const { decisions, ...committed } = await this.attempt(batch.map(({ submission }) => submission));
      this.onCommit(committed);
      batch.forEach((waiting, index) => settle(waiting, decisions[index]!));
    } catch (error) {
      await this.afterFailure(batch, error);
    }
  }

  private async attempt(submissions: Submission[]) {
    const client = await this.connected();
    for (let attempt = 1; ; attempt++) {
      try {
        return await runBatch(client, submissions);
      } catch (error) {
        if (!CONFLICT_CODES.has(codeOf(error)) || attempt === CONFLICT_RETRIES) throw error;
        this.log.warn({ err: error, attempt }, 'a batch met a lock conflict and is tried again');
      }
    }
  }

  /** A defect in one command must not fail its neighbours: each is tried alone. A lost connection fails all. */
  private async afterFailure(batch: Waiting[], error: unknown): Promise<void> {
    if (isConnectionLoss(error)) {
      this.log.error({ err: error, commands: batch.length }, 'the database did not answer a batch');
      await this.disconnect();
      for (const waiting of batch) waiting.reject(unavailable());
    } else if (batch.length === 1) {
      batch[0]!.reject(codeOf(error) === LOCK_TIMEOUT_CODE ? locked() : error);
    } else {
      this.log.warn(
        { err: error, commands: batch.length },
        'a batch failed; its commands are tried one by one',
      );
      await this.oneByOne(batch);
    }
  }

  /** Those that need what a command before them could not get are not made to wait for it again. */
  private async oneByOne(batch: Waiting[]): Promise<void> {
    const stuck = new Set<string>();
    for (const waiting of batch) {
      const needs = needsOf(waiting.submission.command);
      if (needs.some((need) => stuck.has(need))) waiting.reject(locked());
      else if ((await this.alone(waiting)) === LOCK_TIMEOUT_CODE) for (const need of needs) stuck.add(need);
    }
  }

  /** @returns the code of the failure, if there was one */
  private async alone(waiting: Waiting): Promise<string | undefined> {
    try {
      const { decisions, ...committed } = await this.attempt([waiting.submission]);
      this.onCommit(committed);
      settle(waiting, decisions[0]!);
      return undefined;
    } catch (error) {
      await this.afterFailure([waiting], error);
      return codeOf(error);
    }
  }

  private async connected(): Promise<pg.Client> {
    if (this.client) return this.client;
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      application_name: 'orderweave promise engine',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      lock_timeout: LOCK_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
    });
    client.on('error', (error) => {
      this.log.warn({ err: error }, 'the promise engine lost its connection');
      if (this.client === client) this.client = undefined;
    });
    await client.connect();
    // Plans made while the tables are empty scan them whole; custom plans look at what is there.
    await client.query('set plan_cache_mode = force_custom_plan');
    this.client = client;
    return client;
  }
}

function settle(waiting: Waiting, decision: Decision): void {
  if ('outcome' in decision) waiting.resolve(decision.outcome);
  else waiting.reject(decision.refusal);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** What a command needs to lock, as far as its words tell. */
function needsOf(command: StockCommand): string[] {
  if ('reservationId' in command) return [command.reservationId];
  if ('reservationIds' in command) return command.reservationIds;
  return 'lines' in command ? command.lines.map(({ sku }) => sku) : [command.pool];
}

function locked(): HubError {
  const message = `Someone else holds what this command needs; try again in ${RETRY_AFTER_SECONDS} seconds.`;
  return new HubError('OVERLOADED', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}

function overloaded(): HubError {
  const message = `Too many commands are waiting; try again in ${RETRY_AFTER_SECONDS} seconds.`;
  return new HubError('OVERLOADED', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}

function unavailable(): HubError {
  const message =
    'The database did not answer. Whether the command was carried out is kept under its idempotency key.';
  return new HubError('DATABASE_UNAVAILABLE', `${message} Retry with the same key.`);
}
