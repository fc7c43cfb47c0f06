import type { StockEngine } from '../../inventory/index.ts';
import { lockOrder } from '../../order/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { executeIn } from '../../platform/database/execute-in.ts';
import { errorCatalogue, HubError } from '../../platform/errors.ts';
import { isConnectionLoss } from '../../platform/database/connection-loss.ts';
import type { Job } from '../../platform/jobs/job.ts';
import type { Logger } from '../../platform/process/log.ts';
import { openReviewTasks } from '../../review/index.ts';
import { returnToRouting } from './return-to-routing.ts';
import type { OrderRouter, RoutingNews } from './route-order.ts';
import { failedTask, unansweredTask } from './review-tasks.ts';
import { claimWaitingOrder, postponeClaim, releaseClaim } from '../store/routing-claim-store.ts';
import { readShipments } from '../store/shipment-store.ts';

const LOOK_MS = 1_000;
const BATCH = 20;
/**
 * Orders that one process works on at once: most of an order's time is spent waiting for commits and for a worker.
 * Each needs a connection for moments only, and enough are left for callers.
 */
const ROUTED_AT_ONCE = 4;
/** In one look: an order that its fallback cannot take is at once tried with the others. */
const MAX_TRIES = 2;
/** The process that made a decision carries it out at once; one this old has lost its process. */
const STALE_SECONDS = 10;

/**
 * Routes paid orders by itself, the most urgent first, and keeps every deadline: what a crash left half done, nodes
 * that do not answer, shipments that their order no longer needs.
 */
export class RoutingJob implements Job {
  readonly name = 'routing';
  readonly everyMs = LOOK_MS;
  readonly scope = 'PROCESS';
  readonly runsAtStart = true;

  constructor(
    private readonly em: EntityManager,
    private readonly engine: StockEngine,
    private readonly router: OrderRouter,
    private readonly tell: (news: RoutingNews) => void,
    private readonly log: Logger,
  ) {}

  /** One look at all that is due. */
  async run(signal?: AbortSignal): Promise<void> {
    await this.closeNeedless();
    for (const id of await this.unanswered()) await this.guarded(id.orderId, () => this.missAnswer(id.id));
    for (const { id, orderId } of await this.stale())
      await this.guarded(orderId, () => this.router.settle(id));
    await this.routeWaiting(signal);
  }

  /** Paid orders with units that wait for a node, the most urgent first, several beside each other. */
  private async routeWaiting(signal: AbortSignal | undefined): Promise<void> {
    const tried = new Map<string, number>();
    const underWay = new Set<string>();
    const isStopping = () => signal?.aborted === true;
    const lane = async () => {
      while (!isStopping()) {
        const done = [...tried].flatMap(([id, tries]) => (tries >= MAX_TRIES ? [id] : []));
        const id = await claimWaitingOrder(this.em.fork(), [...done, ...underWay]);
        if (id === undefined) return;
        underWay.add(id);
        tried.set(id, (tried.get(id) ?? 0) + 1);
        await this.routeClaimed(id).finally(() => underWay.delete(id));
      }
    };
    // Each lane ends on its own, so that none is still at work when the look is over.
    const ends = await Promise.allSettled(Array.from({ length: ROUTED_AT_ONCE }, lane));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  private async routeClaimed(orderId: string): Promise<void> {
    const isDone = await this.guarded(orderId, () =>
      this.router.route({ orderId, dryRun: false, call: undefined }),
    );
    if (isDone) await releaseClaim(this.em.fork(), orderId);
    else await postponeClaim(this.em.fork(), orderId);
  }

  private stale(): Promise<{ id: string; orderId: string }[]> {
    return this.em.fork().execute(
      `select id, order_id as "orderId" from routing_decision
       where status = 'PENDING' and decided_at < hub_now() - make_interval(secs => ?) limit ?`,
      [STALE_SECONDS, BATCH],
    );
  }

  private unanswered(): Promise<{ id: string; orderId: string }[]> {
    return this.em.fork().execute(
      `select id, order_id as "orderId" from shipment
       where state = 'PLANNED' and respond_by <= hub_now() and escalated_at is null order by respond_by limit ?`,
      [BATCH],
    );
  }

  /** At the deadline: to the fallback, or to a person. */
  private async missAnswer(shipmentId: string): Promise<void> {
    const openedTasks = await this.em.fork().transactional(async (em) => {
      const [found] = await readShipments(em, 'id', [shipmentId]);
      const order = (await lockOrder(em, found!.orderId))!;
      const [shipment] = await readShipments(em, 'id', [shipmentId]);
      if (shipment!.state !== 'PLANNED') return []; // it has answered in the last moment
      await em.execute('update shipment set escalated_at = hub_now() where id = ?', [shipmentId]);
      if (shipment!.fallbackNode === null) return openReviewTasks(executeIn(em), [unansweredTask(shipment!)]);
      await returnToRouting(em, this.engine, order, shipment!, shipment!.fallbackNode);
      return [];
    });
    this.tell({ decided: [], openedTasks });
  }

  /** Shipments whose order was sent or cancelled by its channel; the engine knows already. */
  private async closeNeedless(): Promise<void> {
    await this.em.fork().execute(
      `update shipment s
       set state = case when o.state = 'CANCELLED' then 'CANCELLED' else 'SHIPPED' end, reason = 'told by its channel',
         answered_at = hub_now()
       from sales_order o
       where s.state in ('PLANNED', 'ACKNOWLEDGED') and o.id = s.order_id
         and o.state in ('CANCELLED', 'SHIPPED', 'DELIVERED', 'CLOSED', 'RETURNING', 'RETURNED')`,
    );
  }

  /**
   * A failure with one order does not hold up the others.
   * @returns false where it is to be tried again later
   * @throws Error when the database is away: nothing else can be done either
   */
  private async guarded(orderId: string, step: () => Promise<unknown>): Promise<boolean> {
    try {
      await step();
      return true;
    } catch (error) {
      const isRetryable = error instanceof HubError && errorCatalogue[error.code].retryable;
      // Another process, or a caller, was faster.
      if (error instanceof HubError && error.code === 'ORDER_NOT_ROUTABLE') return true;
      if (isConnectionLoss(error)) throw error;
      if (isRetryable) {
        this.log.warn({ err: error, order: orderId }, 'an order could not be routed yet; it is tried again');
        return false;
      }
      this.log.error({ err: error, order: orderId }, 'an order could not be routed');
      const openedTasks = await this.em
        .fork()
        .transactional((em) => openReviewTasks(executeIn(em), [failedTask(orderId, error)]));
      this.tell({ decided: [], openedTasks });
      return true;
    }
  }
}
