import { defineAccess } from '../platform/module-access.ts';
import type { HubModule } from '../platform/module.ts';
import { reviewDeadlineJob } from './review-deadline.job.ts';
import { ReviewFeed } from './review-feed.ts';
import { ReviewKindRegistry, ReviewService } from './review-service.ts';
import { ReviewTask } from './review-task.ts';
import { reviewGauges } from './review.metrics.ts';
import { reviewMigrations } from './review.migrations.ts';
import { ReviewResolver } from './review.resolver.ts';
import { tasksOpened } from './review.signals.ts';

/** Where domains register the decisions that their tasks allow. */
export interface ReviewServices {
  readonly kinds: ReviewKindRegistry;
}

const resolvers = [ReviewResolver];

export const reviewModule = {
  name: 'review',
  entities: [ReviewTask],
  migrations: reviewMigrations,
  resolvers,
  subgraphs: { operations: { resolvers } },
  access: defineAccess({
    declare: { 'review:read': 'Review tasks.', 'review:write': 'Deciding review tasks.' },
    fields: {
      'Query.reviewTasks': 'review:read',
      'Mutation.resolveReviewTask': 'review:write',
      'Subscription.reviewTaskOpened': 'review:read',
    },
  }),
  gauges: reviewGauges,
  build({ orm, bus, signals, log }) {
    const kinds = new ReviewKindRegistry();
    const feed = new ReviewFeed(bus, orm.em, log);
    signals.on(tasksOpened, (ids) => feed.publish(ids));
    const service = new ReviewService(orm.em, kinds.kinds, log, (ids) => signals.publish(tasksOpened, ids));
    return {
      provides: { kinds },
      resolvers: [new ReviewResolver(service)],
      subscriptions: { reviewTaskOpened: () => feed.watch() },
      jobs: [reviewDeadlineJob(service)],
      stop: () => feed.close(),
    };
  },
} satisfies HubModule<object, ReviewServices>;
