import { applyOrderToStock, ensureChannels, type StockEngine } from '../inventory/index.ts';
import { sourceActor, sourceNameOf, type RecordImporters } from '../sync/index.ts';
import { importOrders } from './import-orders.ts';
import { stockEventOf } from './stock-event-of-order.ts';

/**
 * How orders are taken in, and what they do to stock.
 * @param afterCommit called once orders have been stored
 */
export function orderImporters(engine: StockEngine, afterCommit: () => void): Pick<RecordImporters, 'order'> {
  return {
    async order(em, records, from) {
      // In a transaction of their own: the engine, on its own connection, is to see them.
      await ensureChannels(em.fork(), [...new Set(records.map(({ channel }) => channel))]);
      const { changed, ...result } = await importOrders(em, records, { source: sourceNameOf(from) });
      await applyOrderToStock(em, engine, sourceActor(from), changed.map(stockEventOf));
      return { ...result, afterCommit };
    },
  };
}
