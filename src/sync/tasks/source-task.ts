import { InterruptibleSleep } from '../../platform/jobs/interruptible-sleep.ts';
import { backOffMs, type BackOff } from '../../platform/jobs/backoff.ts';
import type { Logger } from '../../platform/process/log.ts';
import { describeFailure } from './describe-failure.ts';

/** Work with a source beside reading it; done by the process that reads it, while the source is not paused. */
export interface SourceTask {
  start(): void;
  /** A run under way ends first. */
  stop(): Promise<void>;
  /** Runs soon for all subjects, e.g. when this process has become the one that does it. */
  runNow(): void;
  /** Why it cannot be done at the moment. */
  lastFailure(): string | null;
}

/** After failures in a row of speaking to a source. */
export const RETRIES: BackOff = { firstMs: 1_000, lastMs: 60_000 };
/** How soon it is noticed that this process is to do it. */
export const INACTIVE_MS = 1_000;

export interface PollingTaskOptions {
  /** The source's id. */
  connector: string;
  log: Logger;
  /** Whether it is this process that speaks to the source, and the source is not paused. */
  isActive: () => boolean;
  /** The activity of a run, for logs and failures, e.g. "asking for parcels". */
  activity: string;
  /** How often it is looked for something to do. */
  lookMs: number;
  /** @returns whether there was something to do; then the next turn follows at once */
  turn: (signal: AbortSignal) => Promise<boolean>;
}

/** A task in turns, one at a time. After a turn that fails the next one waits, longer each time in a row. */
export class PollingTask implements SourceTask {
  private readonly stopping = new AbortController();
  private readonly alarm = new InterruptibleSleep();
  /** Somebody wants it to look, and no turn has begun since. */
  private wanted = false;
  private failures = 0;
  private failure: string | null = null;
  private loop: Promise<void> | undefined;

  constructor(private readonly parts: PollingTaskOptions) {}

  start(): void {
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('the hub is stopping'));
    this.alarm.wake();
    await this.loop;
  }

  runNow(): void {
    this.wanted = true;
    this.alarm.wake();
  }

  lastFailure(): string | null {
    return this.failure;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.wanted = false;
      const waitMs = this.parts.isActive() ? await this.take(signal) : INACTIVE_MS;
      if (waitMs > 0 && !this.wanted && !signal.aborted) await this.alarm.sleep(waitMs);
    }
  }

  /** @returns how long to wait for the next turn */
  private async take(signal: AbortSignal): Promise<number> {
    const { connector, activity, log, lookMs, turn } = this.parts;
    try {
      const hadWork = await turn(signal);
      if (!hadWork) return lookMs; // it says nothing of whether the source can be spoken to
      this.failures = 0;
      this.failure = null;
      return 0;
    } catch (error) {
      if (signal.aborted) return 0;
      this.failures += 1;
      this.failure = describeFailure(error, activity);
      log.warn({ err: error, connector }, `${activity} has failed`);
      return backOffMs(RETRIES, this.failures, Math.random());
    }
  }
}
