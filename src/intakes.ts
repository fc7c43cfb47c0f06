import { intakeReturns, intakeTickets } from './aftersales/index.ts';
import { intakeCustomers } from './customer/index.ts';
import {
  ensureChannels,
  intakeInbound,
  intakeNodes,
  intakeRefunds,
  intakeSkus,
  intakeStockCounts,
  takeOrderStock,
  type OrderToTake,
  type PromiseEngine,
} from './inventory/index.ts';
import {
  intakeOrders,
  linesByReference,
  OrderState,
  shippedStates,
  type ChangedOrder,
} from './order/index.ts';
import type { Actor } from './platform/api/actor.ts';
import { intakeCarrierServices, intakeTracking } from './routing/index.ts';
import { sourceNameOf, type Intakes, type StreamId } from './sync/index.ts';

/** Which domain takes which records; part of the composition root. */
export function intakesOf(engine: PromiseEngine, onOrders: () => void): Intakes {
  return {
    sku: (em, records) => intakeSkus(em, records),
    node: (em, records) => intakeNodes(em, records),
    carrierService: (em, records) => intakeCarrierServices(em, records),
    stockLevel: (em, records, from) => intakeStockCounts(em, engine, sourceActor(from), records),
    inbound: (em, records, from) => intakeInbound(em, engine, sourceActor(from), records),
    customer: (em, records, from) => intakeCustomers(em, records, { source: sourceNameOf(from) }),
    order: async (em, records, from) => {
      // In a transaction of their own: the engine, on its own connection, is to see them.
      await ensureChannels(em.fork(), [...new Set(records.map(({ channel }) => channel))]);
      const { changed, ...result } = await intakeOrders(em, records, { source: sourceNameOf(from) });
      await takeOrderStock(em, engine, sourceActor(from), changed.map(stockOf));
      return { ...result, afterCommit: onOrders };
    },
    ticket: (em, records, from) => intakeTickets(em, records, { source: sourceNameOf(from) }),
    return: (em, records, from) => intakeReturns(em, records, { source: sourceNameOf(from) }),
    tracking: (em, records) => intakeTracking(em, records),
    refund: (em, records, from) => intakeRefunds(em, engine, sourceActor(from), records, linesByReference),
  };
}

/** What an order in a state does to stock. Paid orders are promised until they leave, whatever becomes of them here. */
function stockOf({ channel, externalId, state, lines }: ChangedOrder): OrderToTake {
  const order = { channel, externalId, lines };
  if (state === OrderState.PLACED) return { ...order, event: 'HOLD' };
  if (state === OrderState.CANCELLED) return { ...order, event: 'CANCEL' };
  return { ...order, event: shippedStates.has(state) ? 'SHIP' : 'CONFIRM' };
}

/**
 * A source acts under its own name, with idempotency keys of its own. The name is part of what makes a count known as
 * taken already, for good (inventory/intake.ts): a change of it would take old counts again.
 */
function sourceActor({ connector, stream }: StreamId): Actor {
  return { partner: `source:${connector}/${stream}`, name: `source:${stream}`, admin: false };
}
