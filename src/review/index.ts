/** Exports of review for other domains and the composition root. */
export { ReviewTask, ReviewStatus } from './review-task.ts';
export { deleteDecidedTasks } from './delete-decided-tasks.ts';
export { openReviewTasks, type TaskToOpen } from './open-review-tasks.ts';
export { ReviewService, type ReviewAction, type ReviewKinds } from './review-service.ts';
export { tasksOpened } from './review.signals.ts';
export type { ReviewServices } from './review.module.ts';
