import type { Logger } from '../process/log.ts';
import { backOffMs } from './backoff.ts';
import type { Job, JobReport } from './job.ts';
import { JobMeter } from './job.metrics.ts';
import type { JobTimer } from './job-timer.ts';

/** Runs of several processes are spread by so much of their interval. */
const JITTER = 0.1;
/** A run that has failed is tried again after so long at first, or after its interval where that is shorter. */
const FIRST_RETRY_MS = 60_000;
/** Or at least as often as this, where the interval is no longer: a database that is back is to find its hub at work. */
const LAST_RETRY_MS = 5_000;

/** The runs of one job in this process, one at a time. */
export class JobLoop {
  private readonly meter: JobMeter;
  private readonly stopping = new AbortController();
  private cancelNext: (() => void) | undefined;
  private working: Promise<void> | undefined;
  private isAskedAgain = false;
  private readonly state: {
    -readonly [Part in keyof Omit<JobReport, 'job' | 'isElected'>]: JobReport[Part];
  } = {
    runningSince: null,
    lastStartedAt: null,
    lastDurationMs: null,
    lastSucceededAt: null,
    lastError: null,
    failuresInARow: 0,
    nextRunAt: null,
  };

  /** @param isElected whether this process is to do it */
  constructor(
    private readonly job: Job,
    private readonly isElected: () => boolean,
    private readonly timer: JobTimer,
    private readonly log: Logger,
  ) {
    this.meter = new JobMeter(job.name);
  }

  start(): void {
    if (this.job.runsAtStart) this.wake();
    else this.plan(this.intervalMs());
  }

  /** Runs now, or once more after the run that is under way. */
  wake(): void {
    if (this.stopping.signal.aborted) return;
    this.isAskedAgain = true;
    this.working ??= this.work();
  }

  /** No further run begins; the one under way ends first. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.plan(undefined);
    await this.working;
  }

  report(): JobReport {
    return { ...this.state, job: this.job, isElected: this.isElected() };
  }

  private async work(): Promise<void> {
    this.plan(undefined);
    await Promise.resolve(); // so that whoever has woken it goes on first
    while (this.isAskedAgain && !this.stopping.signal.aborted) {
      this.isAskedAgain = false;
      if (!this.isElected() || this.job.isWanted?.() === false) continue;
      if (await this.run()) this.isAskedAgain = true;
    }
    if (!this.stopping.signal.aborted) this.plan(this.pauseMs());
    this.working = undefined; // at once: whoever wakes it from here on begins another
  }

  /** @returns whether it is to go on at once */
  private async run(): Promise<boolean> {
    const { state } = this;
    const began = performance.now();
    const startedAt = this.timer.now();
    state.runningSince = startedAt;
    try {
      const more = await this.meter.measure(() => this.job.run(this.stopping.signal));
      state.failuresInARow = 0;
      state.lastError = null;
      state.lastSucceededAt = this.timer.now();
      return more === 'more';
    } catch (error) {
      state.failuresInARow += 1;
      state.lastError = error;
      this.isAskedAgain = false; // whoever asked meanwhile waits with it
      this.log.warn(
        { err: error, job: this.job.name, failures: state.failuresInARow },
        'a job failed; it is tried again',
      );
      return false;
    } finally {
      state.runningSince = null;
      state.lastStartedAt = startedAt;
      state.lastDurationMs = performance.now() - began;
    }
  }

  private pauseMs(): number {
    const { failuresInARow } = this.state;
    if (failuresInARow === 0) return this.intervalMs();
    const { everyMs } = this.job;
    const backOff = { firstMs: Math.min(everyMs, FIRST_RETRY_MS), lastMs: Math.max(everyMs, LAST_RETRY_MS) };
    return backOffMs(backOff, failuresInARow, this.timer.random());
  }

  private intervalMs(): number {
    return Math.round(this.job.everyMs * (1 - JITTER + this.timer.random() * 2 * JITTER));
  }

  /** @param ms until the next run; undefined: none by itself */
  private plan(ms: number | undefined): void {
    this.cancelNext?.();
    this.cancelNext = ms === undefined ? undefined : this.timer.after(ms, () => this.wake());
    this.state.nextRunAt = ms === undefined ? null : new Date(this.timer.now().getTime() + ms);
  }
}
