import type { Context } from '@opentelemetry/api';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { isConnectionLoss } from '../../../platform/database/connection-loss.ts';
import { endConnections } from '../../../platform/database/silent-connections.ts';
import { HubError } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/process/log.ts';
import { activeContext, inContext, inSpan } from '../../../platform/tracing/tracer.ts';
import { NotReady, READ_ONLY } from '../../../platform/process/readiness.ts';
import { StormLog } from '../../../platform/process/storm-log.ts';
import type { Decision, Outcome, StockCommand, Submission } from '../command.ts';
import { EngineSession } from '../connection/engine-session.ts';
import { decideSpeculatively, sendSpeculative } from './speculative-batch.ts';
import { SPECULATION_FAILED } from './speculative.sql.ts';
import { SpeculationCache } from './speculation-cache.ts';
import { statement } from '../connection/statement.ts';
import { closeBatch, openBatch, type BatchResult, type OpenBatch } from './batch-transaction.ts';
import { batchDuration, batchSize, countAnswer, reportQueueLength } from './engine.metrics.ts';
import { ACCEPTS_WRITES } from '../../../platform/database/accepts-writes.sql.ts';
import { loggedRequests } from './logged-requests.ts';

/** Commands of one transaction at the most; beyond that, waiting longer buys no throughput. */
const MAX_BATCH = 256;
/** From so many commands on that can be foreseen, half are sent first, so that the others are decided meanwhile. */
const SPLIT_FORESEEN_FROM = 16;
/** From so many waiting commands on, half of them are sent ahead: smaller batches cost more than they overlap. */
const SPLIT_FROM = 128;
/** Commands that may wait; at a thousand a second that is ten seconds, which no caller should wait longer. */
const MAX_QUEUE = 10_000;
/** The callers of a batch that is done wait so long for the next one's locks, so that PostgreSQL has work meanwhile. */
const ANSWER_WITHIN_MS = 5;
const RETRY_AFTER_SECONDS = 2;
/** A batch that takes longer hangs: a busy one takes some tens of milliseconds. */
const HANGS_MS = 1_000;
/** So long after a batch failed, and none has succeeded since, the engine counts as unable, in ms. */
const FAILURE_COUNTS_MS = 3_000;
const CONFLICT_RETRIES = 3;
/** lock_not_available */
const LOCK_TIMEOUT_CODE = '55P03';
/** read_only_sql_transaction: the server was demoted under us */
const READ_ONLY_CODE = '25006';
/** deadlock_detected, serialization_failure, and rows that are others than foreseen: nothing has happened, and trying again is safe. */
const CONFLICT_CODES = new Set(['40P01', '40001', SPECULATION_FAILED]);

const CHECK_WRITABLE = statement('check-writable', ACCEPTS_WRITES);

/** How a batch was decided: ahead of its locks, under them, or under them after something had come in between. */
export type ExecutionPath = 'SPECULATIVE' | 'LOCKED' | 'RETRIED';
/** The changes of a commit, for those who watch. */
export interface Committed extends Omit<BatchResult, 'decisions'> {
  how: ExecutionPath;
}

/** A batch on its way to the locks. */
interface LockingBatch {
  batch: PendingCommand[];
  /** When it left the queue, by performance.now(). */
  began: number;
  opened: Promise<{ session: EngineSession; open: OpenBatch }>;
}

/** A batch whose commit has been sent. */
interface CommittingBatch {
  batch: PendingCommand[];
  began: number;
  how: ExecutionPath;
  done: Promise<BatchResult>;
}

const meterOf = (path: ExecutionPath) => ({
  size: batchSize.cell({ path }),
  duration: batchDuration.cell({ path }),
});
const meters = {
  SPECULATIVE: meterOf('SPECULATIVE'),
  LOCKED: meterOf('LOCKED'),
  RETRIED: meterOf('RETRIED'),
};

/** Somebody who waits until so many commands are waiting. */
interface BatchSizeWaiter {
  commands: number;
  resolve: () => void;
}

interface PendingCommand {
  submission: Submission;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
  /** Of the operation that waits for it; undefined while no traces are recorded. */
  context: Context | undefined;
}

/**
 * Concurrent commands of this process share transactions: while one commits, the next ones gather, so nobody waits
 * when nothing else is going on, and a busy row is locked once for many. Other processes and direct SQL writers are
 * kept out by the row locks.
 */
export class GroupCommit {
  private readonly queue: PendingCommand[] = [];
  private running: Promise<void> | undefined;
  private session: EngineSession | undefined;
  private readonly foresight = new SpeculationCache();
  private patience: BatchSizeWaiter | undefined;
  private closed = false;
  private readonly hideQueue: () => void;
  private readonly storms: StormLog;
  /** Moments of performance.now(): when work began that has not ended yet, and when a batch failed that none has followed. */
  private workingSince: number | undefined;
  private failedAt = -Infinity;

  constructor(
    private readonly databaseUrl: string,
    private readonly log: Logger,
    /** Called after each commit with its changes. */
    private readonly onCommit: (committed: Committed) => void,
  ) {
    this.storms = new StormLog(log);
    this.hideQueue = reportQueueLength(() => this.queue.length);
  }

  /**
   * Carries a command out, in the order of arrival.
   * @throws HubError of a bad request, OVERLOADED, or DATABASE_UNAVAILABLE, after which the same key is safe to retry
   */
  submit(submission: Submission): Promise<Outcome> {
    const { type } = submission.command;
    if (this.closed || this.queue.length >= MAX_QUEUE) {
      countAnswer(type, 'OVERLOADED');
      return Promise.reject(overloaded());
    }
    return inSpan(`promise engine: ${type}`, {}, () => this.enqueue(submission));
  }

  private enqueue(submission: Submission): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.queue.push({ submission, resolve, reject, context: activeContext() });
      if (this.patience && this.queue.length >= this.patience.commands) this.patience.resolve();
      this.running ??= this.work();
    });
  }

  /**
   * Checks that commands can be carried out: no batch hangs, the last one did not fail, and where nothing is under way
   * the database answers over the engine's own connection and takes writes.
   * @throws NotReady saying what is wrong
   */
  async check(): Promise<void> {
    const now = performance.now();
    if (now - this.failedAt < FAILURE_COUNTS_MS)
      throw new NotReady('The database did not answer the last batch.');
    if (this.workingSince !== undefined) {
      const hangsMs = now - this.workingSince;
      if (hangsMs > HANGS_MS) throw new NotReady(`A batch has been under way for ${Math.round(hangsMs)} ms.`);
      return;
    }
    const session = await this.connected();
    const [row] = await session.run<{ writable: boolean }>(CHECK_WRITABLE);
    if (!row!.writable) throw new NotReady(READ_ONLY);
  }

  /** Lets the waiting commands end, then closes the connection. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
    this.hideQueue();
    await this.disconnect();
  }

  private async disconnect(): Promise<void> {
    const session = this.session;
    this.session = undefined;
    this.foresight.clear();
    await session?.end();
  }

  private async work(): Promise<void> {
    await Promise.resolve(); // commands of the same tick belong together
    let closing: CommittingBatch | undefined;
    while (closing || this.queue.length > 0) {
      this.workingSince = performance.now();
      // Traces have the statements of a batch under the first of its commands.
      const { context } = this.queue[0] ?? closing!.batch[0]!;
      const before = closing;
      closing = await inContext(context, () => this.step(before));
      if (closing) await setImmediate(); // those who were answered may have more
    }
    this.workingSince = undefined;
    this.running = undefined;
  }

  /**
   * While PostgreSQL writes and commits one batch, the callers of the one before it are answered, and what is wanted
   * next is gathered and sent behind the commit. Only deciding makes PostgreSQL wait.
   * @param closing the batch whose commit has been sent
   * @returns the one after it, at the same point
   */
  private async step(closing: CommittingBatch | undefined): Promise<CommittingBatch | undefined> {
    if (closing && this.foresight.isReady(performance.now())) await this.enoughFor(closing);
    const foreseen = this.foresee(closing);
    if (foreseen) {
      if (closing) await this.finish(closing);
      return foreseen;
    }
    const ahead = this.queue.length > 0 ? this.gather(closing !== undefined) : undefined;
    if (!closing) return ahead && this.commit(ahead);
    let result: BatchResult | undefined;
    try {
      result = await closing.done;
    } catch (error) {
      if (ahead) await this.withdraw(ahead);
      await this.recover(closing.batch, error);
      return undefined;
    }
    if (!ahead || !(await isSoon(ahead.opened))) {
      this.conclude(closing.batch, result, closing.how, closing.began);
      return ahead && this.commit(ahead);
    }
    const next = await this.commit(ahead);
    this.conclude(closing.batch, result, closing.how, closing.began);
    return next;
  }

  /**
   * Decides without the locks where that is possible and sends the batch whole, so that PostgreSQL has the next batch
   * when it is done with this one.
   */
  private foresee(closing: CommittingBatch | undefined): CommittingBatch | undefined {
    const { session, queue } = this;
    if (!session || queue.length === 0) return undefined;
    const batch = queue.slice(0, this.foreseenLength(closing));
    const submissions = batch.map(({ submission }) => submission);
    const foreseen = decideSpeculatively(this.foresight, submissions, performance.now());
    if (!foreseen) return undefined;
    queue.splice(0, batch.length);
    const began = performance.now();
    this.foresight.recordResult(foreseen.stock);
    const done = sendSpeculative(session, foreseen).then(({ now, ...result }) => {
      this.foresight.recordCommit(now, performance.now());
      return result;
    });
    done.catch(() => undefined); // whoever waits for it is told
    return { batch, began, how: 'SPECULATIVE', done };
  }

  /** Two batches of about the same length are under way, so that neither side waits long for the other. */
  private foreseenLength(closing: CommittingBatch | undefined): number {
    const { length } = this.queue;
    if (!closing) return Math.min(MAX_BATCH, length < SPLIT_FORESEEN_FROM ? length : Math.ceil(length / 2));
    return Math.min(MAX_BATCH, length, Math.ceil((length + closing.batch.length) / 2));
  }

  /** Until as many commands wait as are under way, or those are done: a smaller batch would cost more than it gains. */
  private async enoughFor({ batch, done }: CommittingBatch): Promise<void> {
    if (this.queue.length >= batch.length) return;
    const enough = new Promise<void>((resolve) => {
      this.patience = { commands: batch.length, resolve: resolve };
    });
    await Promise.race([enough, done.then(ignored, ignored)]);
    this.patience = undefined;
    // Requests that lie in the sockets already are taken along.
    if (this.queue.length > 0) await setImmediate();
  }

  /** Answers the callers of a batch once it is committed, or carries it out in another way. */
  private async finish({ batch, began, how, done }: CommittingBatch): Promise<void> {
    let result: BatchResult;
    try {
      result = await done;
    } catch (error) {
      return this.recover(batch, error);
    }
    this.conclude(batch, result, how, began);
  }

  /**
   * Collects waiting commands, and sends their lock statements behind whatever the connection has been sent before.
   */
  private gather(everyone: boolean): LockingBatch {
    const { length } = this.queue;
    const some = everyone || length < SPLIT_FROM ? length : Math.ceil(length / 2);
    const batch = this.queue.splice(0, Math.min(MAX_BATCH, some));
    const submissions = batch.map(({ submission }) => submission);
    const opened = this.connected().then(async (session) => ({
      session,
      open: await openBatch(session, submissions),
    }));
    opened.catch(() => undefined); // whoever waits for it is told
    return { batch, began: performance.now(), opened };
  }

  /** Decides a batch and sends its commit. */
  private async commit({ batch, began, opened }: LockingBatch): Promise<CommittingBatch | undefined> {
    try {
      const { session, open } = await opened;
      const { done } = await this.decide(session, open);
      done.catch(() => undefined); // whoever waits for it is told
      return { batch, began, how: 'LOCKED', done };
    } catch (error) {
      await this.recover(batch, error);
      return undefined;
    }
  }

  /** Those behind a failed batch wait for it, as they would have. */
  private async withdraw({ batch, opened }: LockingBatch): Promise<void> {
    await opened.then(({ session }) => session.rollBack()).catch(() => undefined);
    this.queue.unshift(...batch);
  }

  private conclude(
    batch: PendingCommand[],
    { decisions, ...committed }: BatchResult,
    how: ExecutionPath,
    began: number,
  ): void {
    this.failedAt = -Infinity;
    meters[how].size.observe(batch.length);
    meters[how].duration.observe((performance.now() - began) / 1000);
    this.onCommit({ ...committed, how });
    batch.forEach((waiting, index) => settle(waiting, decisions[index]!));
  }

  /** A batch that met a lock conflict is tried again, and one that was not as foreseen is decided under the locks. */
  private async recover(batch: PendingCommand[], error: unknown): Promise<void> {
    this.foresight.clear();
    let failure: unknown = error;
    for (let attempt = 1; CONFLICT_CODES.has(codeOf(failure)) && attempt < CONFLICT_RETRIES; attempt++) {
      if (codeOf(failure) !== SPECULATION_FAILED)
        this.log.warn(
          { err: failure, attempt, ...loggedRequests(batch) },
          'a batch met a lock conflict and is tried again',
        );
      try {
        const began = performance.now();
        return this.conclude(batch, await this.attempt(batch), 'RETRIED', began);
      } catch (next) {
        failure = next;
      }
    }
    await this.afterFailure(batch, failure);
  }

  private async attempt(batch: PendingCommand[]): Promise<BatchResult> {
    const session = await this.connected();
    const submissions = batch.map(({ submission }) => submission);
    const { done } = await this.decide(session, await openBatch(session, submissions, { careful: true }));
    return done;
  }

  /** Decides what is locked, and remembers what it leaves. */
  private async decide(session: EngineSession, open: OpenBatch): Promise<{ done: Promise<BatchResult> }> {
    if (open.stock) this.foresight.recordLocked(open.stock, open.lockedAt);
    const closing = await closeBatch(session, open);
    if (open.stock) this.foresight.recordResult(open.stock);
    return closing;
  }

  /** A defect in one command must not fail its neighbours: each is tried alone. A lost connection fails all. */
  private async afterFailure(batch: PendingCommand[], error: unknown): Promise<void> {
    if (isConnectionLoss(error)) {
      this.storms.error({ err: error, ...loggedRequests(batch) }, 'the database did not answer a batch');
      this.failedAt = performance.now();
      if (codeOf(error) === READ_ONLY_CODE)
        endConnections(this.databaseUrl, 'The database is read-only: it is not the primary any more.');
      await this.disconnect();
      for (const waiting of batch) refuse(waiting, unavailable());
    } else if (batch.length === 1) {
      refuse(batch[0]!, codeOf(error) === LOCK_TIMEOUT_CODE ? locked() : error);
    } else {
      this.log.warn(
        { err: error, ...loggedRequests(batch) },
        'a batch failed; its commands are tried one by one',
      );
      await this.oneByOne(batch);
    }
  }

  /** Those that need what a command before them could not get are not made to wait for it again. */
  private async oneByOne(batch: PendingCommand[]): Promise<void> {
    const stuck = new Set<string>();
    for (const waiting of batch) {
      const needs = needsOf(waiting.submission.command);
      if (needs.some((need) => stuck.has(need))) refuse(waiting, locked());
      else if ((await this.alone(waiting)) === LOCK_TIMEOUT_CODE) for (const need of needs) stuck.add(need);
    }
  }

  /** @returns the code of the failure, if there was one */
  private async alone(waiting: PendingCommand): Promise<string | undefined> {
    try {
      const began = performance.now();
      this.conclude([waiting], await this.attempt([waiting]), 'RETRIED', began);
      return undefined;
    } catch (error) {
      await this.recover([waiting], error);
      return codeOf(error);
    }
  }

  private async connected(): Promise<EngineSession> {
    if (this.session) return this.session;
    const session = await EngineSession.connect(this.databaseUrl, (error) => {
      this.log.warn({ err: error }, 'the promise engine lost its connection');
      if (this.session === session) this.session = undefined;
    });
    this.session = session;
    return session;
  }
}

/** Whether it succeeds before whoever waits for something else would notice. */
async function isSoon(work: Promise<unknown>): Promise<boolean> {
  const patience = new AbortController();
  const success = work.then(
    () => true,
    () => false,
  );
  const late = delay(ANSWER_WITHIN_MS, false, { signal: patience.signal }).catch(() => false);
  const isIt = await Promise.race([success, late]);
  patience.abort();
  return isIt;
}

const ignored = () => undefined;

function settle(waiting: PendingCommand, decision: Decision): void {
  if (!('outcome' in decision)) return refuse(waiting, decision.refusal);
  countAnswer(waiting.submission.command.type, decision.outcome.type);
  waiting.resolve(decision.outcome);
}

function refuse(waiting: PendingCommand, error: unknown): void {
  countAnswer(waiting.submission.command.type, error instanceof HubError ? error.code : 'INTERNAL');
  waiting.reject(error);
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** The keys that a command needs to lock, as far as it names them. */
function needsOf(command: StockCommand): string[] {
  if ('reservationId' in command) return [command.reservationId];
  if ('reservationIds' in command) return command.reservationIds;
  return 'lines' in command ? command.lines.map(({ sku }) => sku) : [command.pool];
}

function locked(): HubError {
  const message = `The stock rows are locked by another transaction. Retry in ${RETRY_AFTER_SECONDS} seconds.`;
  return new HubError('OVERLOADED', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}

function overloaded(): HubError {
  const message = `Too many commands are waiting; try again in ${RETRY_AFTER_SECONDS} seconds.`;
  return new HubError('OVERLOADED', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}

function unavailable(): HubError {
  const message =
    'The database did not answer, so the outcome is unknown. Retry with the same idempotency key: it cannot run twice.';
  return new HubError('DATABASE_UNAVAILABLE', `${message} Retry with the same key.`);
}
