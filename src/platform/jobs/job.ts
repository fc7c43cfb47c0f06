/** Work that the hub does again and again by itself. */
export interface Job {
  /** Stable: the label of its metrics, its name in the log, and the lock of its leader. */
  readonly name: string;
  /** From the end of a run to the next one. A run that has failed is tried again sooner, or later. */
  readonly everyMs: number;
  /** PROCESS: in every process, which share the work by row locks. LEADER: in one that is elected. */
  readonly scope: 'PROCESS' | 'LEADER';
  /** Whether it finishes what the requests of this process began: it then runs where HUB_JOBS is off, too. */
  readonly followsRequests?: boolean;
  /** Whether the first run comes with the start, and not after an interval. */
  readonly runsAtStart?: boolean;
  /** Whether anything is to be done at the moment; a run that is not wanted does not begin. */
  readonly isWanted?: () => boolean;
  /**
   * One run. What it throws is logged and counted, and the run is tried again.
   * @param signal aborted when the hub stops: what is begun ends, nothing else begins
   * @returns 'more' where it is to go on at once
   */
  run(signal: AbortSignal): Promise<void | 'more'>;
}

/** The state of a job in this process; instants are of its own clock. */
export interface JobReport {
  readonly job: Job;
  /** Whether this process does it: always, but for a LEADER that is not elected. */
  readonly isElected: boolean;
  readonly runningSince: Date | null;
  /** The last run that has ended. */
  readonly lastStartedAt: Date | null;
  readonly lastDurationMs: number | null;
  readonly lastSucceededAt: Date | null;
  /** Why the last run failed; null where it has not. */
  readonly lastError: unknown;
  readonly failuresInARow: number;
  /** When it runs again by itself; null where it runs now, or not at all. */
  readonly nextRunAt: Date | null;
}
