import { aftersalesImporters } from '../../../src/aftersales/aftersales-importers.ts';
import { customerImporters } from '../../../src/customer/customer-importers.ts';
import type { StockEngine } from '../../../src/inventory/index.ts';
import { stockImporters } from '../../../src/inventory/stock-importers.ts';
import { linesByReference } from '../../../src/order/index.ts';
import { orderImporters } from '../../../src/order/order-importers.ts';
import { routingImporters } from '../../../src/routing/routing-importers.ts';
import type { RecordImporters } from '../../../src/sync/index.ts';

/** How the domains take records in, without a hub. */
export function recordImporters(engine: StockEngine): RecordImporters {
  return {
    ...stockImporters(engine, linesByReference),
    ...customerImporters,
    ...orderImporters(engine, () => undefined),
    ...aftersalesImporters,
    ...routingImporters,
  };
}
