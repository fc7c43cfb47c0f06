import { unknownError } from '../../platform/unknown-error.ts';
import { readOrderStock, type OrderStock } from '../../inventory/index.ts';
import { lockOrder, OrderState, type LockedOrder } from '../../order/index.ts';
import type { Actor } from '../../platform/api/actor.ts';
import { canonicalJson, claimKey, storeReply, type Idempotency } from '../../platform/api/idempotency.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { isUuid } from '../../platform/database/ids.ts';
import { HubError } from '../../platform/errors.ts';
import type { RoutingInput } from '../decide/facts/routing-facts.ts';
import type { RoutingOutcome } from '../decide/outcome.ts';
import type { RoutingRule } from '../decide/rules/rules.ts';
import { insertDecision, pendingDecisionOf } from '../store/decision-store.ts';
import { lockNodesOfWork, readOpenWork } from '../store/open-work-store.ts';
import { readOverride, type RoutingOverride } from '../store/routing-override-store.ts';
import { activeRuleSet, type RuleSetRow } from '../store/rule-set-store.ts';
import type { Decider } from '../workers/decision-pool.ts';
import { gatherFacts } from './gather-facts.ts';

export interface RouteRequest {
  orderId: string;
  /** Decide and trace only. */
  dryRun: boolean;
  /** Whose repetition of the call gets the same decision; undefined: the hub's own. */
  call: { actor: Actor; idempotency: Idempotency } | undefined;
}

/** In which an order can be given to nodes. */
export const waitingStates: ReadonlySet<OrderState> = new Set([OrderState.PAID, OrderState.UNROUTABLE]);

const MAX_TRIES = 5;

/** The order as a decision rests on it: if any of it has moved when the decision is there, it is made anew. */
interface OrderFacts {
  order: LockedOrder;
  stock: OrderStock & { pool: string };
  instruction: RoutingOverride;
  ruleSet: RuleSetRow;
}

/** Undoes the transaction in which it is found. */
class FactsHaveMoved extends Error {}

/**
 * Facts → exclude → require → plan. Nothing is held while a worker decides: the facts are read in one short
 * transaction, and the decision is stored in another, under the order's lock, if the order is still as it was.
 * @returns the id of the decision; of the one under way, where there is one
 * @throws HubError UNKNOWN_ORDER, ORDER_NOT_ROUTABLE, IDEMPOTENCY_CONFLICT, OVERLOADED when the facts keep moving
 */
export async function decideOrder(
  em: EntityManager,
  decider: Decider,
  request: RouteRequest,
): Promise<string> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const found = await readAll(em, request);
    if (typeof found === 'string') return found;
    const { instruction, ruleSet } = found.facts;
    const job = { input: found.input, ...rulesFor(instruction, ruleSet) };
    const { outcome, durationMs } = await decider.decide(job);
    try {
      return await em
        .fork()
        .transactional((inside) =>
          storeDecision(inside, request, { ...found, rules: job.rules, outcome, durationMs }),
        );
    } catch (error) {
      if (!(error instanceof FactsHaveMoved)) throw error;
    }
  }
  throw new HubError('OVERLOADED', 'The order or its nodes kept changing while it was planned; try again.', {
    retryAfterSeconds: 1,
  });
}

/** In the fallback mode no rule stands in the way. */
export function rulesFor(
  { mode }: Pick<RoutingOverride, 'mode'>,
  { id, rules }: Pick<RuleSetRow, 'id' | 'rules'>,
): { ruleSetId: string; rules: RoutingRule[] } {
  return mode === 'FALLBACK' ? { ruleSetId: 'no rules', rules: [] } : { ruleSetId: id, rules };
}

/** @returns the decision that is there already, or all that one needs: then nothing is written or kept locked */
async function readAll(
  outer: EntityManager,
  request: RouteRequest,
): Promise<string | { facts: OrderFacts; input: RoutingInput }> {
  const em = outer.fork();
  await em.begin();
  try {
    const facts = await readFacts(em, request);
    if (typeof facts === 'string') {
      await em.commit(); // the call's reply
      return facts;
    }
    const { order, stock, instruction, ruleSet } = facts;
    return { facts, input: await gatherFacts(em, order, stock, instruction, ruleSet.rules) };
  } finally {
    if (em.isInTransaction()) await em.rollback();
  }
}

/** Under the lock of the order. @returns the id of a decision where the call, or another one, has led to one */
async function readFacts(
  em: EntityManager,
  { orderId, dryRun, call }: RouteRequest,
): Promise<string | OrderFacts> {
  if (call) {
    const earlier = await claimKey(em, call.actor, call.idempotency, isRoutingReply);
    if (earlier) return earlier.decisionId;
  }
  const order = isUuid(orderId) ? await lockOrder(em, orderId) : null;
  if (!order) throw unknownError('UNKNOWN_ORDER', orderId);
  const underWay = dryRun ? undefined : await pendingDecisionOf(em, orderId);
  if (underWay !== undefined) {
    if (call) await storeReply(em, call.actor, call.idempotency, { decisionId: underWay });
    return underWay;
  }
  const stock = await readOrderStock(em, order);
  const { pool } = stock;
  if (pool === null || stock.unallocated.length === 0 || (!dryRun && !waitingStates.has(order.state)))
    throw new HubError(
      'ORDER_NOT_ROUTABLE',
      `Order ${order.externalId} of ${order.channel} is ${order.state} and has no paid units that wait for a node.`,
      { state: order.state },
    );
  const instruction = await readOverride(em, order.id);
  return { order, stock: { ...stock, pool }, instruction, ruleSet: await activeRuleSet(em) };
}

interface Decided {
  facts: OrderFacts;
  input: RoutingInput;
  rules: readonly RoutingRule[];
  outcome: RoutingOutcome;
  durationMs: number;
}

/** @throws FactsHaveMoved */
async function storeDecision(em: EntityManager, request: RouteRequest, decided: Decided): Promise<string> {
  const { dryRun, call } = request;
  const present = await readFacts(em, request);
  if (typeof present === 'string') return present;
  if (!isAsBefore(present, decided.facts)) throw new FactsHaveMoved();
  const { input, outcome, durationMs } = decided;
  const { order, instruction, ruleSet, stock } = present;
  const isCarriedOut =
    outcome.outcome === 'PLANNED' || (outcome.outcome === 'NEEDS_REVIEW' && instruction.approvedBy !== null);
  const givesWork = !dryRun && isCarriedOut;
  if (givesWork) await requireRoom(em, decided);
  const decisionId = await insertDecision(em, {
    orderId: order.id,
    ruleSetId: ruleSet.id,
    cohort: dryRun ? 'DRY_RUN' : 'ACTIVE',
    mode: instruction.mode,
    input,
    outcome,
    reservationIds: stock.reservationIds,
    status: dryRun ? 'FINAL' : 'PENDING',
    durationMs,
    givesWork,
  });
  if (call) await storeReply(em, call.actor, call.idempotency, { decisionId });
  return decisionId;
}

function isAsBefore(present: OrderFacts, before: OrderFacts): boolean {
  const comparable = ({ order: { now: _now, ...order }, stock, instruction, ruleSet }: OrderFacts) =>
    canonicalJson({ order, stock, instruction, ruleSetId: ruleSet.id });
  return comparable(present) === comparable(before);
}

/**
 * Orders are decided beside each other: the last place at a node with a capacity, or under a LIMIT rule, goes to one.
 * @throws FactsHaveMoved when another order has it
 */
async function requireRoom(em: EntityManager, { input, rules, outcome }: Decided): Promise<void> {
  const capacityOf = new Map(input.nodes.map(({ code, dailyCapacity }) => [code, dailyCapacity]));
  const limitOf = new Map(rules.map(({ name, weight }) => [name, weight ?? Infinity]));
  const bounded = outcome.shipments.filter(
    ({ node, countsTowards }) => countsTowards.length > 0 || (capacityOf.get(node) ?? null) !== null,
  );
  if (bounded.length === 0) return;
  await lockNodesOfWork(
    em,
    bounded.map(({ node }) => node),
  );
  const work = await readOpenWork(em, input.order.id, [...limitOf.keys()]);
  const isFull = bounded.some(
    ({ node, countsTowards }) =>
      (work.openOrders.get(node) ?? 0) >= (capacityOf.get(node) ?? Infinity) ||
      countsTowards.some((rule) => work.openOrdersOf(rule, node) >= limitOf.get(rule)!),
  );
  if (isFull) throw new FactsHaveMoved();
}

function isRoutingReply(stored: { decisionId?: unknown }): stored is { decisionId: string } {
  return typeof stored.decisionId === 'string';
}
