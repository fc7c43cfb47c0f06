import { Args, Query, Resolver } from 'type-graphql';
import { SizedBy } from '../platform/api/list-size.ts';
import { ListArgs, pageOf } from '../platform/api/pagination.ts';
import { isConnectionLoss } from '../platform/database/connection-loss.ts';
import { HubError } from '../platform/errors.ts';
import type { JobReport } from '../platform/jobs/job.ts';
import { JobScope, JobType } from './jobs.types.ts';

/** How the hub's own work is doing. */
@Resolver(() => JobType)
export class JobsResolver {
  /** @param reports what has become of the jobs of this process */
  constructor(private readonly reports: () => JobReport[]) {}

  @SizedBy('first')
  @Query(() => [JobType])
  jobs(@Args(() => ListArgs) page: ListArgs): JobType[] {
    const reports = this.reports().toSorted((a, b) => (a.job.name < b.job.name ? -1 : 1));
    return pageOf(reports, page, ({ job }) => job.name).map(shown);
  }
}

function shown({ job, isElected, lastError, lastDurationMs, ...report }: JobReport): JobType {
  return {
    ...report,
    name: job.name,
    scope: JobScope[job.scope],
    elected: isElected,
    everySeconds: job.everyMs / 1000,
    lastDurationMs: lastDurationMs === null ? null : Math.round(lastDurationMs),
    lastError: lastError === null ? null : reasonOf(lastError),
  };
}

/** Names of tables and hosts are for the log alone. */
function reasonOf(error: unknown): string {
  if (error instanceof HubError) return error.message;
  return isConnectionLoss(error)
    ? 'The database did not answer.'
    : 'The run met a defect, which the log has.';
}
