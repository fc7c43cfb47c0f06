import {
  checked,
  lastMinute,
  lastPageFirst,
  readWindows,
  shippedStream,
  windowCursor,
  type Connector,
  type Json,
  type RawRecord,
  type Source,
  type TimeWindow,
} from '../spi/index.ts';
import { DouyinClient, type DouyinOrder } from './client.ts';
import { douyinConfig, type DouyinConfig } from './config.ts';
import orders from './mappings/orders.json' with { type: 'json' };
import { receivePush } from './webhook.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How long a window may be is not documented; clocks may differ by the 10 minutes that calls are taken with. */
const RULES = { longestMs: DAY_MS, overlapMs: 15 * MINUTE_MS };

const ORDERS = shippedStream('douyin-shop', 'orders', orders);

/** A shop at Douyin (抖店), over its open gateway. */
export const douyinShopConnector: Connector = {
  spec: {
    id: 'douyin-shop',
    kind: 'COMMERCE',
    title: 'Douyin shop (抖店)',
    configSchema: douyinConfig.jsonSchema,
  },
  open: (config) => source(douyinConfig.parse(config)),
};

function source(config: DouyinConfig): Source {
  const client = new DouyinClient(config);
  const beginning = () => windowCursor(new Date(Date.now() - config.historyDays * DAY_MS));
  const pages = (window: TimeWindow, at: Json, signal: AbortSignal) =>
    lastPageFirst(at, {
      first: 0,
      count: async () => Math.ceil((await client.search(window, 0, signal)).total / config.pageSize),
      read: async (page) => ((await client.search(window, page, signal)).shop_order_list ?? []).map(rawOrder),
    });
  return {
    check: (signal) => checked(() => client.search(lastMinute(), 0, signal), 'The gateway answers.', signal),
    discover: async () => [ORDERS],
    read: (_stream, cursor, signal) => readWindows(cursor ?? beginning(), RULES, pages, signal),
    cursorFrom: (_stream, since) => windowCursor(since),
    webhook: {
      receive: async (push) => receivePush(push, config, ORDERS.name),
      async readBack(_stream, ids, signal) {
        const known = ids.filter((id) => /^\d+$/.test(id));
        const found = await Promise.all(known.map((id) => client.order(id, signal)));
        return found.filter((order) => order !== undefined).map(rawOrder);
      },
    },
  };
}

function rawOrder(order: DouyinOrder): RawRecord {
  return { id: String(order.order_id), origin: `order ${order.order_id}`, data: order };
}
