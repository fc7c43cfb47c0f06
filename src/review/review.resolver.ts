import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  ID,
  InputType,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import {
  PageArgs,
  checkedPageSize,
  connectionType,
  decodeCursor,
  encodeCursor,
  toConnection,
  type Connection,
} from '../platform/api/pagination.ts';
import { isUuid } from '../platform/database/ids.ts';
import { RequestContext } from '../platform/api/request-context.ts';
import { boundAtStart } from '../platform/api/subscribe.ts';
import type { ReviewService } from './review-service.ts';
import { ReviewStatus, ReviewTask } from './review-task.ts';
import { SizedByFirst, Cost } from '../platform/api/list-size.ts';

const ReviewTaskConnection = connectionType('ReviewTask', () => ReviewTask);

@ArgsType()
class ReviewTasksArgs extends PageArgs {
  @Field(() => ReviewStatus, { nullable: true, defaultValue: ReviewStatus.OPEN })
  status?: ReviewStatus | null;
}

@InputType()
class ResolveReviewTaskInput {
  @Field(() => ID)
  taskId!: string;
  @Field({ description: "One of the kind's actions." })
  action!: string;
  @Field(() => String, { nullable: true })
  note?: string | null;
}

@Resolver(() => ReviewTask)
export class ReviewResolver {
  constructor(private readonly desk: ReviewService) {}

  @SizedByFirst()
  @Query(() => ReviewTaskConnection, { description: 'Oldest first; `status` null: all.' })
  async reviewTasks(
    @Args(() => ReviewTasksArgs) { status, first, after }: ReviewTasksArgs,
    @Ctx() { em }: RequestContext,
  ): Promise<Connection<ReviewTask>> {
    const size = checkedPageSize(first);
    const [last] = decodeCursor(after, [isUuid]) ?? [];
    const rows = await em.find(
      ReviewTask,
      { ...(status ? { status } : {}), ...(last === undefined ? {} : { id: { $gt: last } }) },
      { orderBy: { id: 'asc' }, limit: size + 1 },
    );
    return toConnection(rows, size, after, ({ id }) => encodeCursor(id));
  }

  @Cost(10)
  @Mutation(() => ReviewTask, { description: 'Decides; deciding the same again changes nothing.' })
  resolveReviewTask(
    @Arg('input', () => ResolveReviewTaskInput) { taskId, action, note }: ResolveReviewTaskInput,
    @Ctx() { actor }: RequestContext,
  ): Promise<ReviewTask> {
    return this.desk.resolve(taskId, action, note ?? null, actor.name);
  }

  @Subscription(() => ReviewTask, {
    description: 'Tasks as they are opened, from the moment of subscribing.',
    subscribe: boundAtStart,
  })
  reviewTaskOpened(@Root() task: ReviewTask): ReviewTask {
    return task;
  }
}
