import type { Logger } from '../process/log.ts';
import type { Job, JobReport } from './job.ts';
import { JobLoop } from './job-loop.ts';
import { systemTimer, type JobTimer } from './job-timer.ts';
import { LeaderElection } from './leader-election.ts';

/** Collaborators of a runner. */
export interface JobRunnerOptions {
  databaseUrl: string;
  log: Logger;
  /** The clock and timers of its jobs. */
  timer?: JobTimer;
}

interface Running {
  readonly loop: JobLoop;
  readonly election: LeaderElection | undefined;
}

/** Runs the jobs of the domains: again and again, one run of a job at a time, with back-off, counted and told. */
export class JobRunner {
  private readonly jobs = new Map<string, Running>();
  private readonly timer: JobTimer;
  private started = false;

  constructor(private readonly options: JobRunnerOptions) {
    this.timer = options.timer ?? systemTimer;
  }

  /** Adds a job. Its runs begin with `start`, or at once where that has been. */
  add(job: Job): void {
    if (this.jobs.has(job.name)) throw new Error(`Two jobs are named ${job.name}.`);
    const running = this.prepare(job);
    this.jobs.set(job.name, running);
    if (this.started) begin(running);
  }

  start(): void {
    this.started = true;
    for (const running of this.jobs.values()) begin(running);
  }

  /** Has a job run now, or once more after the run that is under way. Before the start it has no effect. */
  wake(name: string): void {
    if (this.started) this.jobs.get(name)?.loop.wake();
  }

  reports(): JobReport[] {
    return [...this.jobs.values()].map(({ loop }) => loop.report());
  }

  /** No further run begins; those under way end first. */
  async stop(): Promise<void> {
    await Promise.all([...this.jobs.values()].map(({ loop }) => loop.stop()));
    await Promise.all([...this.jobs.values()].map(({ election }) => election?.stop()));
  }

  private prepare(job: Job): Running {
    const { databaseUrl, log } = this.options;
    if (job.scope === 'PROCESS')
      return { loop: new JobLoop(job, () => true, this.timer, log), election: undefined };
    const election = new LeaderElection(
      databaseUrl,
      `job ${job.name}`,
      () => true,
      log,
      () => loop.wake(),
    );
    const loop = new JobLoop(job, () => election.isLeader, this.timer, log);
    return { loop, election };
  }
}

function begin({ loop, election }: Running): void {
  loop.start();
  election?.start();
}
