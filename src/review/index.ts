/** Exports of review for other domains and the composition root. */
import { ReviewResolver } from './review.resolver.ts';
import { ReviewTask } from './review-task.ts';

export const reviewEntities = [ReviewTask];
export const reviewResolvers = [ReviewResolver];
export { ReviewResolver, ReviewTask };
export { deleteDecidedTasks } from './delete-decided-tasks.ts';
export { reviewGauges } from './review.metrics.ts';
export { reviewMigrations } from './review.migrations.ts';
export { openReviewTasks, type TaskToOpen } from './open-review-tasks.ts';
export { reviewDeadlineJob } from './review-deadline.job.ts';
export { ReviewService, type ReviewAction, type ReviewKinds } from './review-service.ts';
export { ReviewFeed } from './review-feed.ts';
export { ReviewStatus } from './review-task.ts';
