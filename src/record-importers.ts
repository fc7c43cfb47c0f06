import { importReturns, importTickets } from './aftersales/index.ts';
import { importCustomers } from './customer/index.ts';
import {
  ensureChannels,
  importInbound,
  importNodes,
  importRefunds,
  importSkus,
  importStockCounts,
  applyOrderToStock,
  type OrderStockEvent,
  type StockEngine,
} from './inventory/index.ts';
import {
  importOrders,
  linesByReference,
  OrderState,
  shippedStates,
  type ChangedOrder,
} from './order/index.ts';
import type { Actor } from './platform/api/actor.ts';
import { importCarrierServices, importTracking } from './routing/index.ts';
import { sourceNameOf, type RecordImporters, type StreamId } from './sync/index.ts';

/** Which domain takes which records; part of the composition root. */
export function recordImporters(engine: StockEngine, onOrders: () => void): RecordImporters {
  return {
    sku: (em, records) => importSkus(em, records),
    node: (em, records) => importNodes(em, records),
    carrierService: (em, records) => importCarrierServices(em, records),
    stockLevel: (em, records, from) => importStockCounts(em, engine, sourceActor(from), records),
    inbound: (em, records, from) => importInbound(em, engine, sourceActor(from), records),
    customer: (em, records, from) => importCustomers(em, records, { source: sourceNameOf(from) }),
    order: async (em, records, from) => {
      // In a transaction of their own: the engine, on its own connection, is to see them.
      await ensureChannels(em.fork(), [...new Set(records.map(({ channel }) => channel))]);
      const { changed, ...result } = await importOrders(em, records, { source: sourceNameOf(from) });
      await applyOrderToStock(em, engine, sourceActor(from), changed.map(stockOf));
      return { ...result, afterCommit: onOrders };
    },
    ticket: (em, records, from) => importTickets(em, records, { source: sourceNameOf(from) }),
    return: (em, records, from) => importReturns(em, records, { source: sourceNameOf(from) }),
    tracking: (em, records) => importTracking(em, records),
    refund: (em, records, from) => importRefunds(em, engine, sourceActor(from), records, linesByReference),
  };
}

/**
 * The stock event of an order in a state. Paid orders are promised until they leave, whatever becomes of them here.
 */
function stockOf({ channel, externalId, state, lines }: ChangedOrder): OrderStockEvent {
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
