import type { ChangeBus } from '../platform/bus/change-bus.ts';
import type { EntityManager } from '../platform/database/database.ts';
import type { Logger } from '../platform/process/log.ts';
import { BoundedEventQueue } from '../platform/api/bounded-event-queue.ts';
import { ReviewTask } from './review-task.ts';

const TOPIC = 'review';

/** Publishes opened tasks to watchers in all processes. A lost signal loses no task: the list has it. */
export class ReviewFeed {
  private readonly watchers = new Set<BoundedEventQueue<ReviewTask>>();
  private readonly unsubscribe: () => void;

  constructor(
    private readonly bus: ChangeBus,
    private readonly em: EntityManager,
    private readonly log: Logger,
  ) {
    this.unsubscribe = bus.subscribe(
      TOPIC,
      (ids) => void this.tell(ids),
      () => undefined,
    );
  }

  /** Called after the commit that opened the tasks. */
  publish(ids: readonly string[]): void {
    if (ids.length > 0) this.bus.publish(TOPIC, ids);
  }

  watch(): AsyncIterableIterator<ReviewTask> {
    const watcher: BoundedEventQueue<ReviewTask> = new BoundedEventQueue(() => this.watchers.delete(watcher));
    this.watchers.add(watcher);
    return watcher;
  }

  async close(): Promise<void> {
    this.unsubscribe();
    for (const watcher of this.watchers) await watcher.return();
  }

  private async tell(ids: readonly string[]): Promise<void> {
    if (this.watchers.size === 0) return;
    try {
      const tasks = await this.em
        .fork()
        .find(ReviewTask, { id: { $in: [...ids] } }, { orderBy: { id: 'asc' } });
      for (const watcher of this.watchers) for (const task of tasks) watcher.push(task);
    } catch (error) {
      this.log.warn({ err: error }, 'opened review tasks could not be read for their watchers');
    }
  }
}
