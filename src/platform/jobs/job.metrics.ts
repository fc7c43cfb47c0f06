import { CellCounter, type CounterCell } from '../metrics/cells.ts';
import { registerValues } from '../metrics/registry.ts';

const runs = new CellCounter<'job'>('orderweave_job_runs_total', 'Runs of a job that have ended.');
const failures = new CellCounter<'job'>('orderweave_job_failures_total', 'Runs of a job that have failed.');
const durations = new Map<string, number>();
registerValues(
  { name: 'orderweave_job_last_duration_seconds', help: 'Duration of the last run of a job.', type: 'gauge' },
  () => [...durations].map(([job, value]) => ({ labels: { job }, value })),
);

/** Counts the runs of one job. Its name is the label, and stable. */
export class JobMeter {
  private readonly runs: CounterCell;
  private readonly failures: CounterCell;

  constructor(private readonly job: string) {
    this.runs = runs.cell({ job });
    this.failures = failures.cell({ job });
  }

  /** @throws whatever `work` throws */
  async measure<T>(work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await work();
    } catch (error) {
      this.failures.count += 1;
      throw error;
    } finally {
      this.runs.count += 1;
      durations.set(this.job, (performance.now() - began) / 1000);
    }
  }
}
