import {
  checked,
  lastMinute,
  lastPageFirst,
  readWindows,
  shippedStream,
  windowCursor,
  type Connector,
  type Json,
  type Source,
  type TimeWindow,
  type WindowPage,
} from '../spi/index.ts';
import { TaobaoClient } from './client.ts';
import { taobaoConfig, type TaobaoConfig } from './config.ts';
import orders from './mappings/orders.json' with { type: 'json' };

const MINUTE_MS = 60_000;
/** The list may lag by about 10 minutes in sales events, and the clocks may differ by the 10 that calls are taken with. */
const OVERLAP_MS = 20 * MINUTE_MS;

const ORDERS = shippedStream('taobao', 'orders', orders);

/** A shop at Taobao or Tmall, over the gateway of the open platform (TOP). */
export const taobaoConnector: Connector = {
  spec: { id: 'taobao', kind: 'COMMERCE', title: 'Taobao / Tmall', configSchema: taobaoConfig.jsonSchema },
  open: (config) => source(taobaoConfig.parse(config)),
};

function source(config: TaobaoConfig): Source {
  const client = new TaobaoClient(config);
  const rules = { longestMs: config.windowMinutes * MINUTE_MS, overlapMs: OVERLAP_MS };
  const beginning = () => windowCursor(new Date(Date.now() - config.historyDays * 24 * 60 * MINUTE_MS));
  const pages = (window: TimeWindow, at: Json, signal: AbortSignal) =>
    pagesOf(client, config.pageSize, window, at, signal);
  return {
    check: (signal) => checked(() => client.count(lastMinute(), signal), 'The gateway answers.', signal),
    discover: async () => [ORDERS],
    read: (_stream, cursor, signal) => readWindows(cursor ?? beginning(), rules, pages, signal),
    cursorFrom: (_stream, since) => windowCursor(since),
  };
}

/** The list is sorted by change, the last one first; each trade in full by a call of its own. */
function pagesOf(
  client: TaobaoClient,
  pageSize: number,
  window: TimeWindow,
  at: Json,
  signal: AbortSignal,
): AsyncIterable<WindowPage> {
  return lastPageFirst(at, {
    first: 1,
    count: async () => Math.ceil((await client.count(window, signal)) / pageSize),
    async read(page) {
      const tids = await client.page(window, page, signal);
      const trades = await Promise.all(tids.map((tid) => client.trade(tid, signal)));
      return trades
        .filter((trade) => trade !== undefined)
        .map((trade) => ({ id: String(trade.tid), origin: `trade ${trade.tid}`, data: trade }));
    },
  });
}
