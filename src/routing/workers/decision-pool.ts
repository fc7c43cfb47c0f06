import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { HubError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/process/log.ts';
import type { RoutingOutcome } from '../decide/outcome.ts';
import type { DecisionJob, JobAnswer } from './decision-job.ts';
import type { WorkerMessage } from './decision-worker.ts';

/**
 * Twenty times what a decision takes that spends its whole budget of steps: 100 lines over 50 nodes take 250 ms on one
 * of two busy cores, 20 lines 30 to 120 ms. It is a fuse, not a limit: a decision that is still running then hangs in
 * something that no step counts, such as a rule. Nothing is ever planned by it.
 */
const FUSE_MS = 5_000;

/** Jobs that wait for a worker; beyond them a caller is told to come again. */
const MOST_WAITING = 1_000;
const WORKER_MEMORY_MB = 512;
const MAX_TRIES = 2;

/** Beside this file, built or as source. */
const ENTRY = new URL(`./decision-worker${path.extname(import.meta.url)}`, import.meta.url);

/** Answers what a decision is, somewhere else than on the event loop. */
export interface Decider {
  /** @throws DecisionFailed when a worker has twice not answered */
  decide(job: Omit<DecisionJob, 'question'>): Promise<{ outcome: RoutingOutcome; durationMs: number }>;
  /** @returns minor units; null where there is no plan, or none is proved to be the cheapest */
  unconstrainedCost(job: Omit<DecisionJob, 'question'>): Promise<number | null>;
}

/** Says that a decision has twice made its worker hang or die: a defect, or a rule that costs too much. */
export class DecisionFailed extends Error {
  override name = 'DecisionFailed';
}

interface Waiting {
  job: DecisionJob;
  tries: number;
  resolve: (answer: JobAnswer) => void;
  reject: (error: unknown) => void;
}

interface Lane {
  worker: Worker;
  isReady: boolean;
  current: Waiting | undefined;
  fuse: NodeJS.Timeout | undefined;
}

export interface PoolOptions {
  workers: number;
  log: Logger;
  fuseMs?: number;
  /** The program of a worker; another one in tests. */
  entry?: URL;
}

/**
 * Threads that decide, so that the event loop never waits for a decision. They are started when they are needed; one
 * that hangs or dies is replaced, and its job tried once more.
 */
export class DecisionPool implements Decider {
  private readonly lanes = new Set<Lane>();
  private readonly decisions: Waiting[] = [];
  /** Requests that only reads wait for, behind those of orders. */
  private readonly readings: Waiting[] = [];
  private stopped = false;
  private readonly options: Required<PoolOptions>;

  constructor(options: PoolOptions) {
    this.options = { fuseMs: FUSE_MS, entry: ENTRY, ...options };
  }

  async decide(job: Omit<DecisionJob, 'question'>): Promise<{ outcome: RoutingOutcome; durationMs: number }> {
    const { outcome, durationMs } = await this.answer({ ...job, question: 'DECIDE' }, this.decisions);
    return { outcome: outcome!, durationMs };
  }

  async unconstrainedCost(job: Omit<DecisionJob, 'question'>): Promise<number | null> {
    const { costMinor } = await this.answer({ ...job, question: 'UNCONSTRAINED_COST' }, this.readings);
    return costMinor!;
  }

  /** Ends the workers; what waits for them fails. */
  async close(): Promise<void> {
    this.stopped = true;
    const waiting = [...this.decisions.splice(0), ...this.readings.splice(0)];
    const lanes = [...this.lanes];
    for (const { current } of lanes) if (current) waiting.push(current);
    for (const lane of lanes) this.discard(lane);
    for (const { reject } of waiting) reject(stopping());
    await Promise.all(lanes.map(({ worker }) => worker.terminate()));
  }

  private answer(job: DecisionJob, queue: Waiting[]): Promise<JobAnswer> {
    if (this.stopped) return Promise.reject(stopping());
    if (queue.length >= MOST_WAITING)
      return Promise.reject(
        new HubError('OVERLOADED', 'Too many routing decisions wait to be made; try again.', {
          retryAfterSeconds: 1,
        }),
      );
    return new Promise((resolve, reject) => {
      queue.push({ job, tries: 0, resolve, reject });
      this.next();
    });
  }

  /** Gives waiting jobs to idle workers, and starts workers while there are too few. */
  private next(): void {
    if (this.stopped) return;
    for (const lane of this.lanes) {
      if (!lane.isReady || lane.current) continue;
      const waiting = this.decisions.shift() ?? this.readings.shift();
      if (!waiting) return;
      this.give(lane, waiting);
    }
    const starting = [...this.lanes].filter(({ isReady }) => !isReady).length;
    const wanted = this.decisions.length + this.readings.length - starting;
    for (let more = Math.min(wanted, this.options.workers - this.lanes.size); more > 0; more--) this.start();
  }

  private start(): void {
    const worker = new Worker(this.options.entry, {
      execArgv: [], // what the hub's process loads for itself is not for its workers
      resourceLimits: { maxOldGenerationSizeMb: WORKER_MEMORY_MB },
    });
    const lane: Lane = { worker, isReady: false, current: undefined, fuse: undefined };
    this.lanes.add(lane);
    worker.on('message', (message: WorkerMessage) => this.hear(lane, message));
    worker.on('error', (error) => this.lose(lane, error));
    worker.on('exit', (code) => this.lose(lane, new Error(`it exited with ${code}`)));
    this.light(lane);
  }

  private hear(lane: Lane, message: WorkerMessage): void {
    if (!this.lanes.has(lane)) return; // it was given up in the same instant
    clearTimeout(lane.fuse);
    const { current } = lane;
    lane.current = undefined;
    lane.isReady = true;
    lane.worker.unref(); // an idle worker keeps no process alive
    if (current && 'answer' in message) current.resolve(message.answer);
    if (current && 'error' in message) current.reject(message.error);
    this.next();
  }

  private give(lane: Lane, waiting: Waiting): void {
    waiting.tries++;
    lane.current = waiting;
    lane.worker.ref();
    this.light(lane);
    lane.worker.postMessage(waiting.job, []);
  }

  private light(lane: Lane): void {
    const { fuseMs } = this.options;
    lane.fuse = setTimeout(() => this.lose(lane, new Error(`it did not answer within ${fuseMs} ms`)), fuseMs);
  }

  /** A worker that hangs or has died: its job is tried once more, by another one. */
  private lose(lane: Lane, error: Error): void {
    if (!this.lanes.has(lane)) return;
    this.discard(lane);
    void lane.worker.terminate();
    // One that never came up has no job: the first in line counts it, or a broken program would be started for ever.
    const lost =
      lane.current ?? (lane.isReady ? undefined : (this.decisions.shift() ?? this.readings.shift()));
    this.options.log.warn({ err: error, order: lost?.job.input.order.id }, 'a worker of routing was lost');
    if (lost && !lane.isReady) lost.tries++;
    if (lost && lost.tries < MAX_TRIES) this.decisions.unshift(lost);
    else if (lost)
      lost.reject(new DecisionFailed('a routing decision has twice lost its worker', { cause: error }));
    this.next();
  }

  private discard(lane: Lane): void {
    clearTimeout(lane.fuse);
    this.lanes.delete(lane);
  }
}

function stopping(): HubError {
  return new HubError('OVERLOADED', 'The hub is stopping; try again.', { retryAfterSeconds: 1 });
}
