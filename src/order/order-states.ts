import { registerEnumType } from 'type-graphql';

export enum OrderState {
  PLACED = 'PLACED',
  PAID = 'PAID',
  HELD_FOR_REVIEW = 'HELD_FOR_REVIEW',
  UNROUTABLE = 'UNROUTABLE',
  ROUTED = 'ROUTED',
  ACKNOWLEDGED = 'ACKNOWLEDGED',
  SHIPPED = 'SHIPPED',
  DELIVERED = 'DELIVERED',
  CLOSED = 'CLOSED',
  CANCELLED = 'CANCELLED',
  RETURNING = 'RETURNING',
  RETURNED = 'RETURNED',
}
registerEnumType(OrderState, { name: 'OrderState' });

export type OrderEvent =
  | 'PAY'
  | 'CANCEL'
  | 'HOLD'
  | 'RELEASE'
  | 'ROUTE'
  | 'FAIL_ROUTING'
  | 'ACKNOWLEDGE'
  | 'REJECT'
  | 'SHIP'
  | 'DELIVER'
  | 'CLOSE'
  | 'REQUEST_RETURN'
  | 'WITHDRAW_RETURN'
  | 'RECEIVE_RETURN';

/** The rules of a state: who must move it on, until when, and what happens if they do not. */
interface StateRow {
  owner: 'BUYER' | 'HUB' | 'OPERATIONS' | 'NODE' | 'CARRIER' | 'NOBODY';
  /** From entering the state; null where nothing is due. */
  deadlineMinutes: number | null;
  /** The action at the deadline. */
  defaultAction: OrderEvent | 'ALERT' | 'REASSIGN_NODE' | 'USE_FALLBACK_NODE' | null;
  next: Partial<Record<OrderEvent, OrderState>>;
}

const HOUR = 60;
const DAY = 24 * HOUR;
const S = OrderState;

/** The life of an order (semantics.md §3), the one place that knows it. */
// prettier-ignore
export const orderStates: Readonly<Record<OrderState, StateRow>> = {
  PLACED: { owner: 'BUYER', deadlineMinutes: 15, defaultAction: 'CANCEL',
    next: { PAY: S.PAID, CANCEL: S.CANCELLED } },
  PAID: { owner: 'HUB', deadlineMinutes: 5, defaultAction: 'ALERT',
    next: { ROUTE: S.ROUTED, HOLD: S.HELD_FOR_REVIEW, FAIL_ROUTING: S.UNROUTABLE, CANCEL: S.CANCELLED } },
  HELD_FOR_REVIEW: { owner: 'OPERATIONS', deadlineMinutes: 4 * HOUR, defaultAction: 'ALERT',
    next: { RELEASE: S.PAID, CANCEL: S.CANCELLED } },
  UNROUTABLE: { owner: 'OPERATIONS', deadlineMinutes: 2 * HOUR, defaultAction: 'USE_FALLBACK_NODE',
    next: { ROUTE: S.ROUTED, RELEASE: S.PAID, CANCEL: S.CANCELLED } },
  ROUTED: { owner: 'NODE', deadlineMinutes: 4 * HOUR, defaultAction: 'REASSIGN_NODE',
    next: { ACKNOWLEDGE: S.ACKNOWLEDGED, REJECT: S.PAID, CANCEL: S.CANCELLED } },
  ACKNOWLEDGED: { owner: 'NODE', deadlineMinutes: DAY, defaultAction: 'ALERT',
    next: { SHIP: S.SHIPPED, REJECT: S.PAID, CANCEL: S.CANCELLED } },
  SHIPPED: { owner: 'CARRIER', deadlineMinutes: 7 * DAY, defaultAction: 'ALERT',
    next: { DELIVER: S.DELIVERED, REQUEST_RETURN: S.RETURNING } },
  DELIVERED: { owner: 'BUYER', deadlineMinutes: 15 * DAY, defaultAction: 'CLOSE',
    next: { CLOSE: S.CLOSED, REQUEST_RETURN: S.RETURNING } },
  CLOSED: { owner: 'NOBODY', deadlineMinutes: null, defaultAction: null,
    next: { REQUEST_RETURN: S.RETURNING } },
  CANCELLED: { owner: 'NOBODY', deadlineMinutes: null, defaultAction: null, next: {} },
  RETURNING: { owner: 'OPERATIONS', deadlineMinutes: 7 * DAY, defaultAction: 'ALERT',
    next: { RECEIVE_RETURN: S.RETURNED, WITHDRAW_RETURN: S.CLOSED } },
  RETURNED: { owner: 'NOBODY', deadlineMinutes: null, defaultAction: null, next: {} },
};

/** Events that lead back; a source that lags behind the hub must not be taken for one of them. */
const BACKWARD: ReadonlySet<OrderEvent> = new Set(['RELEASE', 'REJECT', 'WITHDRAW_RETURN']);

/** States from which all units of the order have left the nodes. */
export const shippedStates: ReadonlySet<OrderState> = new Set([
  S.SHIPPED,
  S.DELIVERED,
  S.CLOSED,
  S.RETURNING,
  S.RETURNED,
]);

/**
 * The state of an order that a source reports in `reported`. A poll may skip states, and the hub may be ahead of the
 * source; null where neither explains the report, e.g. a shipped order reported as cancelled.
 */
export function mergeState(current: OrderState, reported: OrderState): OrderState | null {
  if (leadsTo(current, reported)) return reported;
  return leadsTo(reported, current) ? current : null;
}

/** Whether `to` is `from` or may follow it, without steps back. */
function leadsTo(from: OrderState, to: OrderState): boolean {
  const seen = new Set([from]);
  for (const state of seen) for (const next of forward(state)) seen.add(next);
  return seen.has(to);
}

function forward(state: OrderState): OrderState[] {
  const steps = Object.entries(orderStates[state].next) as [OrderEvent, OrderState][];
  return steps.filter(([event]) => !BACKWARD.has(event)).map(([, next]) => next);
}
