import type { Job } from '../platform/jobs/job.ts';
import type { ReviewService } from './review-service.ts';

const LOOK_MS = 1_000;

/** Does by default what nobody has decided in time. */
export function reviewDeadlineJob(service: ReviewService): Job {
  return { name: 'review-deadlines', everyMs: LOOK_MS, scope: 'PROCESS', run: () => service.runDue() };
}
