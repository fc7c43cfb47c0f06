import type { Parcel } from './shop.ts';

/** As far as fulfilments look into an order. */
interface FulfilledOrder {
  state: string;
  lines: {
    id: string;
    quantity: number;
    productVariant: { stockLevels: { stockOnHand: number; stockAllocated: number }[] };
  }[];
  fulfillments: Fulfilment[];
}

export interface Fulfilment extends Parcel {
  id: string;
}

/** `FulfillOrderInput` */
export interface FulfilInput {
  lines: Parcel['lines'];
  handler: { code: string; arguments: { name: string; value: string }[] };
}

/** An `ErrorResult`; the states are those of a `FulfillmentStateTransitionError`. */
interface Refusal {
  __typename: string;
  errorCode: string;
  message: string;
  fromState?: string;
  toState?: string;
  transitionError?: string;
}

type Answer = Fulfilment | Refusal;

/** Of `defaultFulfillmentProcess` and `configureDefaultOrderProcess`, Vendure 3.7.3. */
const NEXT_OF_FULFILMENT: Record<string, string[]> = {
  Pending: ['Shipped', 'Delivered', 'Cancelled'],
  Shipped: ['Delivered', 'Cancelled'],
  Delivered: ['Cancelled'],
};
const NEXT_OF_ORDER: Record<string, string[]> = {
  PaymentSettled: ['PartiallyDelivered', 'Delivered', 'PartiallyShipped', 'Shipped'],
  PartiallyShipped: ['Shipped', 'PartiallyDelivered'],
  Shipped: ['PartiallyDelivered', 'Delivered'],
  PartiallyDelivered: ['Delivered'],
};

/** `OrderService.createFulfillment`: units leave both counters at once, the order stays as it is. */
export function addFulfilment(
  orders: readonly FulfilledOrder[],
  { lines, handler }: FulfilInput,
  id: string,
): Answer {
  if (lines.length === 0) return refusal('EmptyOrderLineSelectionError', 'EMPTY_ORDER_LINE_SELECTION_ERROR');
  const order = orders.find((one) => one.lines.some((line) => line.id === lines[0]!.orderLineId))!;
  const made = order.fulfillments.filter(({ state }) => state !== 'Cancelled');
  const wanted = lines.map(({ orderLineId, quantity }) => ({
    line: order.lines.find((line) => line.id === orderLineId)!,
    quantity,
  }));
  if (wanted.some(({ line, quantity }) => line.quantity - unitsOf(made, line.id) < quantity))
    return refusal('ItemsAlreadyFulfilledError', 'ITEMS_ALREADY_FULFILLED_ERROR');
  if (wanted.some(({ line, quantity }) => line.productVariant.stockLevels[0]!.stockOnHand < quantity))
    return refusal('InsufficientStockOnHandError', 'INSUFFICIENT_STOCK_ON_HAND_ERROR');
  if (handler.code !== 'manual-fulfillment')
    return refusal('InvalidFulfillmentHandlerError', 'INVALID_FULFILLMENT_HANDLER_ERROR');
  const argument = (name: string) => handler.arguments.find((one) => one.name === name)?.value;
  const [method, trackingCode = ''] = [argument('method'), argument('trackingCode')];
  // Seen on the running server, though the argument is "required: false".
  if (method === undefined) throw new Error('null value in column "method" of relation "fulfillment"');
  for (const { line, quantity } of wanted) {
    line.productVariant.stockLevels[0]!.stockOnHand -= quantity;
    line.productVariant.stockLevels[0]!.stockAllocated -= quantity;
  }
  const fulfilment = {
    __typename: 'Fulfillment',
    id,
    state: 'Pending',
    method,
    trackingCode,
    lines: [...lines],
  };
  order.fulfillments.push(fulfilment);
  return fulfilment;
}

/** `FulfillmentService.transitionToState`: the order follows where its own process lets it, and stays otherwise. */
export function moveFulfilment(orders: readonly FulfilledOrder[], id: string, to: string): Answer {
  const order = orders.find(({ fulfillments }) => fulfillments.some((one) => one.id === id))!;
  const fulfilment = order.fulfillments.find((one) => one.id === id)!;
  const { state: fromState } = fulfilment;
  if (!NEXT_OF_FULFILMENT[fromState]?.includes(to))
    return {
      ...refusal('FulfillmentStateTransitionError', 'FULFILLMENT_STATE_TRANSITION_ERROR'),
      fromState,
      toState: to,
      transitionError: `Cannot transition from "${fromState}" to "${to}"`,
    };
  fulfilment.state = to;
  const made = order.fulfillments.filter(({ state }) => state !== 'Cancelled');
  const isWhole =
    made.every(({ state }) => state === to) &&
    order.lines.every((line) => unitsOf(made, line.id) >= line.quantity);
  const next = isWhole ? to : `Partially${to}`;
  if (NEXT_OF_ORDER[order.state]?.includes(next)) order.state = next;
  return fulfilment;
}

function refusal(typename: string, errorCode: string): Refusal {
  return { __typename: typename, errorCode, message: errorCode };
}

function unitsOf(fulfilments: readonly Fulfilment[], orderLineId: string): number {
  return fulfilments
    .flatMap(({ lines }) => lines)
    .filter((line) => line.orderLineId === orderLineId)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}
