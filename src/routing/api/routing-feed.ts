import type { ChangeBus } from '../../platform/bus/change-bus.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import type { Logger } from '../../platform/process/log.ts';
import { BoundedEventQueue } from '../../platform/api/bounded-event-queue.ts';
import { readDecisions } from '../store/decision-store.ts';
import { RoutingDecision } from './routing.types.ts';

const TOPIC = 'routing';

/**
 * Publishes decisions that have been carried out to watchers in all processes. A lost signal loses none: queries have
 * them.
 */
export class RoutingFeed {
  private readonly watchers = new Map<BoundedEventQueue<RoutingDecision>, string | null>();
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

  /** Called after the commit that recorded the decisions. */
  publish(decisionIds: readonly string[]): void {
    if (decisionIds.length > 0) this.bus.publish(TOPIC, decisionIds);
  }

  /** @param node only decisions that give it work; all when null */
  watch(node: string | null): AsyncIterableIterator<RoutingDecision> {
    const watcher: BoundedEventQueue<RoutingDecision> = new BoundedEventQueue(() =>
      this.watchers.delete(watcher),
    );
    this.watchers.set(watcher, node);
    return watcher;
  }

  async close(): Promise<void> {
    this.unsubscribe();
    for (const watcher of this.watchers.keys()) await watcher.return();
  }

  private async tell(ids: readonly string[]): Promise<void> {
    if (this.watchers.size === 0) return;
    try {
      const decisions = (await readDecisions(this.em.fork(), ids)).map(RoutingDecision.of);
      for (const [watcher, node] of this.watchers)
        for (const decision of decisions)
          if (node === null || decision.givesWorkTo(node)) watcher.push(decision);
    } catch (error) {
      this.log.warn({ err: error }, 'routing decisions could not be read for their watchers');
    }
  }
}
