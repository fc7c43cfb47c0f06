import type { EntityManager } from '../platform/database.ts';
import { HubError } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import { ReviewStatus, ReviewTask } from './review-task.ts';

/** Carries a decision out; in the transaction that resolves the task. */
export type ReviewAction = (em: EntityManager, task: ReviewTask, actor: string) => Promise<void>;

/** What can be decided for each kind of task; gathered by the composition root. */
export type ReviewKinds = ReadonlyMap<string, Readonly<Record<string, ReviewAction>>>;

const LOOK_MS = 1_000;
const RETRY_SECONDS = 60;
const BATCH = 50;

/** Where people decide, and where the clock decides when nobody does. */
export class ReviewDesk {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;

  constructor(
    private readonly em: EntityManager,
    private readonly kinds: ReviewKinds,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.working ??= this.runDue().finally(() => (this.working = undefined));
    }, LOOK_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  /**
   * Decides a task. One that is resolved already is returned as it is when the decision was the same.
   * @throws HubError UNKNOWN_REVIEW_TASK, UNKNOWN_REVIEW_ACTION naming the possible ones, REVIEW_TASK_CLOSED
   */
  async resolve(id: string, action: string, note: string | null, actor: string): Promise<ReviewTask> {
    return this.em.fork().transactional(async (em) => {
      const task = await locked(em, id);
      if (task.status !== ReviewStatus.OPEN) {
        if (task.status === ReviewStatus.RESOLVED && task.action === action) return task;
        throw new HubError('REVIEW_TASK_CLOSED', `The task was closed with ${task.action}.`, {
          action: task.action,
        });
      }
      await this.carryOut(em, task, action, actor);
      return close(em, task, { status: ReviewStatus.RESOLVED, action, note, actor });
    });
  }

  /** Runs the default actions of the tasks whose deadline has come; each in a transaction of its own. */
  async runDue(): Promise<void> {
    const em = this.em.fork();
    const due = await em
      .execute<{ id: string }[]>(
        `select id from review_task where status = 'OPEN' and deadline <= hub_now()
         and (retry_at is null or retry_at <= hub_now()) order by deadline limit ?`,
        [BATCH],
      )
      .catch((error: unknown) => {
        this.log.warn({ err: error }, 'due review tasks could not be read');
        return [];
      });
    for (const { id } of due) await this.runDefault(id);
  }

  private async runDefault(id: string): Promise<void> {
    try {
      await this.em.fork().transactional(async (em) => {
        const task = await locked(em, id);
        if (task.status !== ReviewStatus.OPEN) return; // a person, or another process, was faster
        await this.carryOut(em, task, task.defaultAction, 'clock');
        await close(em, task, {
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

  private async carryOut(em: EntityManager, task: ReviewTask, action: string, actor: string): Promise<void> {
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
    await run(em, task, actor);
  }
}

async function locked(em: EntityManager, id: string): Promise<ReviewTask> {
  const [found] = await em.execute<{ id: string }[]>(
    'select id from review_task where id::text = ? for update',
    [id],
  );
  const task = found && (await em.findOne(ReviewTask, { id: found.id }, { refresh: true }));
  if (!task) throw new HubError('UNKNOWN_REVIEW_TASK', `There is no review task ${id}.`);
  return task;
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
