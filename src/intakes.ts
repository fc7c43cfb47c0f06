import { intakeReturns, intakeTickets } from './aftersales/index.ts';
import { intakeCustomers } from './customer/index.ts';
import {
  ensureChannels,
  intakeInbound,
  intakeNodes,
  intakeSkus,
  intakeStockCounts,
  type PromiseEngine,
} from './inventory/index.ts';
import { intakeOrders } from './order/index.ts';
import type { Actor } from './platform/access.ts';
import type { Intakes } from './sync/index.ts';

/** Which domain takes which records; part of the composition root. */
export function intakesOf(
  engine: PromiseEngine,
  onInbound: (places: { sku: string; pool: string }[]) => void,
): Intakes {
  return {
    sku: (em, records) => intakeSkus(em, records),
    node: (em, records) => intakeNodes(em, records),
    stockLevel: (em, records, source) => intakeStockCounts(em, engine, sourceActor(source), records),
    inbound: async (em, records, source) => {
      const { changed, ...result } = await intakeInbound(em, sourceActor(source), records);
      onInbound(changed);
      return result;
    },
    customer: (em, records, source) => intakeCustomers(em, records, { source }),
    order: async (em, records, source) => {
      await ensureChannels(em, [...new Set(records.map(({ channel }) => channel))]);
      return intakeOrders(em, records, { source });
    },
    ticket: (em, records, source) => intakeTickets(em, records, { source }),
    return: (em, records, source) => intakeReturns(em, records, { source }),
  };
}

/** A source acts under its own name, with its own idempotency keys. */
function sourceActor(source: string): Actor {
  return { partner: `source:${source}`, name: `source:${source}`, admin: false };
}
