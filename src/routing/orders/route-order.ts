import type { AllocateOutcome, StockEngine } from '../../inventory/index.ts';
import { lockOrder, transitionOrder, OrderState } from '../../order/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { executeIn } from '../../platform/database/execute-in.ts';
import { HubError } from '../../platform/errors.ts';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import { openReviewTasks } from '../../review/index.ts';
import { closeDecision, readDecision, type DecisionRow } from '../store/decision-store.ts';
import { deleteOverride, readOverride, storeOverride } from '../store/routing-override-store.ts';
import type { Decider } from '../workers/decision-pool.ts';
import { decideOrder, waitingStates, type RouteRequest } from './decide-order.ts';
import { approvalTask, unroutableTask } from './review-tasks.ts';
import { insertShipments } from '../store/shipment-store.ts';
import { systemActors } from '../../platform/api/system-actors.ts';

/** The results of a decision, for those who watch; sent after the commit. */
export interface RoutingNews {
  decided: { decisionId: string; nodes: string[] }[];
  openedTasks: string[];
}

const MAX_PLANS = 5;

/**
 * Order routing: facts → exclude → require → plan → allocate → record. A decision is stored before anything of it is
 * carried out, and carrying it out again changes nothing, so that a crash at any point loses no order and doubles none.
 */
export class OrderRouter {
  constructor(
    private readonly em: EntityManager,
    private readonly engine: StockEngine,
    private readonly decider: Decider,
    private readonly tell: (news: RoutingNews) => void,
  ) {}

  /**
   * @throws HubError UNKNOWN_ORDER, ORDER_NOT_ROUTABLE, IDEMPOTENCY_CONFLICT, OVERLOADED when nodes keep running out
   * @throws DecisionFailed when the decision hangs
   */
  async route(request: RouteRequest): Promise<DecisionRow> {
    return this.settle(await decideOrder(this.em, this.decider, request));
  }

  /** Carries a decision out, or finds it carried out. Follows it to the one that has replaced it. */
  async settle(decisionId: string): Promise<DecisionRow> {
    let id = decisionId;
    for (let plans = 0; plans < MAX_PLANS;) {
      const decision = await readDecision(this.em.fork(), id);
      if (decision.status === 'FINAL') return decision;
      if (decision.status === 'SUPERSEDED') {
        id = decision.supersededBy ?? (await this.decideAgain(decision));
      } else if ((await this.allocate(decision)) === 'FACTS_HAVE_MOVED') {
        plans += 1;
        id = await this.supersede(decision);
      } else {
        await this.record(decision);
      }
    }
    throw new HubError(
      'OVERLOADED',
      `Stock kept changing while the order was routed (${MAX_PLANS} attempts). Retry in 1 second.`,
      {
        retryAfterSeconds: 1,
      },
    );
  }

  /** CONFIRMED → ALLOCATED at the planned nodes, in one guarded transaction of the engine. */
  private async allocate(decision: DecisionRow): Promise<'DONE' | 'FACTS_HAVE_MOVED'> {
    const { outcome, reservationIds, id, orderId } = decision;
    if (!(await this.isToBeCarriedOut(decision))) return 'DONE';
    const assignments = outcome.shipments.flatMap(({ node, lines }) =>
      lines.map((line) => ({ node, ...line })),
    );
    const command = { type: 'allocate' as const, reservationIds, assignments };
    const idempotency = idempotencyOf('routeOrder', { idempotencyKey: `allocate ${id}`, orderId });
    let answer: AllocateOutcome;
    try {
      answer = await this.engine.fulfil({ command, idempotency, actor: systemActors.routing });
    } catch (error) {
      // Units were called off since the order was looked at.
      if (error instanceof HubError && error.code === 'QUANTITY_OUT_OF_RANGE') return 'FACTS_HAVE_MOVED';
      throw error;
    }
    return answer.type === 'Fulfilment' ? 'DONE' : 'FACTS_HAVE_MOVED';
  }

  private async isToBeCarriedOut({ outcome, orderId }: DecisionRow): Promise<boolean> {
    if (outcome.outcome !== 'NEEDS_REVIEW') return outcome.outcome === 'PLANNED';
    return (await readOverride(this.em.fork(), orderId)).approvedBy !== null;
  }

  /** Replaces a plan that no longer fits: the next plan is made of fresh facts. @returns its id */
  private async supersede(decision: DecisionRow): Promise<string> {
    await this.em.fork().transactional(async (em) => {
      await lockOrder(em, decision.orderId);
      await closeDecision(em, decision.id, 'SUPERSEDED');
    });
    return this.decideAgain(decision);
  }

  private async decideAgain({ id, orderId }: DecisionRow): Promise<string> {
    const next = await decideOrder(this.em, this.decider, { orderId, dryRun: false, call: undefined });
    await this.em.fork().execute('update routing_decision set superseded_by = ? where id = ?', [next, id]);
    return next;
  }

  private async record(decision: DecisionRow): Promise<void> {
    const planned = await this.isToBeCarriedOut(decision);
    const news = await this.em.fork().transactional((em) => recordDecision(em, decision, planned));
    if (news) this.tell(news);
  }
}

/** The order, its shipments or its task, and the decision, in one transaction. Undefined: somebody else has done it. */
async function recordDecision(
  em: EntityManager,
  decision: DecisionRow,
  planned: boolean,
): Promise<RoutingNews | undefined> {
  const order = (await lockOrder(em, decision.orderId))!;
  if (!(await closeDecision(em, decision.id, 'FINAL'))) return undefined;
  const news = { decided: [newsOf(decision)], openedTasks: [] };
  // Cancelled, or sent, by its channel meanwhile: the engine has taken that in already.
  const isWaiting = waitingStates.has(order.state);
  if (planned) {
    await insertShipments(em, decision, isWaiting ? 'PLANNED' : 'CANCELLED');
    if (isWaiting) await transitionOrder(em, order, 'ROUTE');
    await deleteOverride(em, order.id);
    return news;
  }
  if (!isWaiting) return news;
  if (decision.outcome.outcome === 'NEEDS_REVIEW') {
    await transitionOrder(em, order, 'HOLD');
    return { ...news, openedTasks: await openReviewTasks(executeIn(em), [approvalTask(order, decision)]) };
  }
  if (decision.input.order.onlyNodes) {
    // The one node that was to take it over cannot: the order stays paid, for every other node.
    await storeOverride(em, order.id, {});
    return news;
  }
  if (order.state === OrderState.PAID) await transitionOrder(em, order, 'FAIL_ROUTING');
  return { ...news, openedTasks: await openReviewTasks(executeIn(em), [unroutableTask(order, decision)]) };
}

function newsOf({ id, outcome }: DecisionRow): RoutingNews['decided'][number] {
  return { decisionId: id, nodes: [...new Set(outcome.shipments.map(({ node }) => node))] };
}
