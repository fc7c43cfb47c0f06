import { sourceActor, type RecordImporters } from '../sync/index.ts';
import { importNodes, importSkus } from './catalogue/import-catalogue.ts';
import type { StockEngine } from './engine/stock-engine.ts';
import { importRefunds } from './movements/import-refunds.ts';
import { importStockCounts } from './movements/import-stock-counts.ts';
import type { LinesOfOrders } from './movements/refund-lines.ts';
import { importInbound } from './supply/import-inbound.ts';

type StockImporters = Pick<RecordImporters, 'sku' | 'node' | 'stockLevel' | 'inbound' | 'refund'>;

/** How goods, places and stock are taken in. */
export function stockImporters(engine: StockEngine, linesOfOrders: LinesOfOrders): StockImporters {
  return {
    sku: (em, records) => importSkus(em, records),
    node: (em, records) => importNodes(em, records),
    stockLevel: (em, records, from) => importStockCounts(em, engine, sourceActor(from), records),
    inbound: (em, records, from) => importInbound(em, engine, sourceActor(from), records),
    refund: (em, records, from) => importRefunds(em, engine, sourceActor(from), records, linesOfOrders),
  };
}
