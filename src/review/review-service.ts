import type { EntityManager } from '../platform/database/database.ts';
import { HubError } from '../platform/errors.ts';
import { unknownError } from '../platform/unknown-error.ts';
import type { Logger } from '../platform/process/log.ts';
import { ReviewStatus, ReviewTask } from './review-task.ts';

/**
 * Carries a decision out; in the transaction that resolves the task. One that decides nothing yet, such as an alert,
 * answers how long the task stays open: it is then told of again, with a new deadline.
 */
export type ReviewAction = (
  em: EntityManager,
  task: ReviewTask,
  actor: string,
) => Promise<void | { stayOpenSeconds: number }>;

/** The decisions that each kind of task allows. */
export type ReviewKinds = ReadonlyMap<string, Readonly<Record<string, ReviewAction>>>;

/** Where domains register the decisions of their kinds of tasks. */
export class ReviewKindRegistry {
  private readonly registered = new Map<string, Readonly<Record<string, ReviewAction>>>();

  /** @throws Error of a kind that has its decisions already */
  register(kinds: ReviewKinds): void {
    for (const [kind, actions] of kinds) {
      if (this.registered.has(kind)) throw new Error(`The decisions of ${kind} are registered twice.`);
      this.registered.set(kind, actions);
    }
  }

  get kinds(): ReviewKinds {
    return this.registered;
  }
}

const RETRY_SECONDS = 60;
const BATCH = 50;

/** Where people decide, and where the clock decides when nobody does. */
export class ReviewService {
  constructor(
    private readonly em: EntityManager,
    private readonly kinds: ReviewKinds,
    private readonly log: Logger,
    /** Called with tasks that stay open beyond their deadline, after the commit. */
    private readonly onAlert: (taskIds: string[]) => void = () => undefined,
  ) {}

  /**
   * Decides a task. One that is resolved already is returned as it is when the decision was the same.
   * @throws HubError UNKNOWN_REVIEW_TASK, UNKNOWN_REVIEW_ACTION naming the possible ones, REVIEW_TASK_CLOSED
   */
  async resolve(id: string, action: string, note: string | null, actor: string): Promise<ReviewTask> {
    return this.alerting(async (em) => {
      const task = await locked(em, id);
      if (task.status !== ReviewStatus.OPEN) {
        if (task.status === ReviewStatus.RESOLVED && task.action === action) return task;
        throw new HubError('REVIEW_TASK_CLOSED', `The task was closed with ${task.action}.`, {
          action: task.action,
        });
      }
      const deferral = await this.carryOut(em, task, action, actor);
      if (deferral) return defer(em, task, deferral.stayOpenSeconds);
      return close(em, task, { status: ReviewStatus.RESOLVED, action, note, actor });
    });
  }

  /** Runs the default actions of the tasks whose deadline has come; each in a transaction of its own. */
  async runDue(): Promise<void> {
    for (const { id } of await this.due()) await this.runDefault(id);
  }

  private due(): Promise<{ id: string }[]> {
    return this.em.fork().execute<{ id: string }[]>(
      `select id from review_task where status = 'OPEN' and deadline <= hub_now()
       and (retry_at is null or retry_at <= hub_now()) order by deadline limit ?`,
      [BATCH],
    );
  }

  private async runDefault(id: string): Promise<void> {
    try {
      await this.alerting(async (em) => {
        const task = await locked(em, id);
        if (task.status !== ReviewStatus.OPEN) return task; // a person, or another process, was faster
        const deferral = await this.carryOut(em, task, task.defaultAction, 'clock');
        if (deferral) return defer(em, task, deferral.stayOpenSeconds);
        return close(em, task, {
          status: ReviewStatus.DEFAULTED,
          action: task.defaultAction,
          note: null,
          actor: 'clock',
        });
      });
    } catch (error) {
      this.log.error(
        { err: error, task: id },
        'the default action of a review task failed; it is tried again',
      );
      await this.em
        .fork()
        .execute(
          'update review_task set failure = ?, retry_at = hub_now() + make_interval(secs => ?) where id = ?',
          ['The default action failed; the log has the defect.', RETRY_SECONDS, id],
        )
        .catch(() => undefined); // the database is gone; the task is still due
    }
  }

  /** Runs the step in a transaction; a task that it leaves open is told of again. */
  private async alerting(step: (em: EntityManager) => Promise<ReviewTask>): Promise<ReviewTask> {
    const task = await this.em.fork().transactional(step);
    if (task.status === ReviewStatus.OPEN) {
      this.log.warn({ task: task.id, kind: task.kind, subject: task.subject }, 'a review task still waits');
      this.onAlert([task.id]);
    }
    return task;
  }

  private async carryOut(
    em: EntityManager,
    task: ReviewTask,
    action: string,
    actor: string,
  ): Promise<void | { stayOpenSeconds: number }> {
    const actions = this.kinds.get(task.kind) ?? {};
    const run = actions[action];
    if (!run)
      throw new HubError(
        'UNKNOWN_REVIEW_ACTION',
        `A task of kind ${task.kind} can be decided by ${Object.keys(actions).join(', ')}.`,
        {
          actions: Object.keys(actions),
        },
      );
    return run(em, task, actor);
  }
}

async function locked(em: EntityManager, id: string): Promise<ReviewTask> {
  const [found] = await em.execute<{ id: string }[]>(
    'select id from review_task where id::text = ? for update',
    [id],
  );
  const task = found && (await em.findOne(ReviewTask, { id: found.id }, { refresh: true }));
  if (!task) throw unknownError('UNKNOWN_REVIEW_TASK', id);
  return task;
}

async function defer(em: EntityManager, task: ReviewTask, seconds: number): Promise<ReviewTask> {
  await em.execute(
    'update review_task set deadline = hub_now() + make_interval(secs => ?), failure = null where id = ?',
    [seconds, task.id],
  );
  return em.findOneOrFail(ReviewTask, { id: task.id }, { refresh: true });
}

async function close(
  em: EntityManager,
  task: ReviewTask,
  end: { status: ReviewStatus; action: string; note: string | null; actor: string },
): Promise<ReviewTask> {
  await em.execute(
    'update review_task set status = ?, action = ?, note = ?, resolved_by = ?, resolved_at = hub_now(), failure = null where id = ?',
    [end.status, end.action, end.note, end.actor, task.id],
  );
  return em.findOneOrFail(ReviewTask, { id: task.id }, { refresh: true });
}
