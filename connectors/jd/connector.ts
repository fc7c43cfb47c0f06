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
} from '../spi/index.ts';
import { JdClient } from './client.ts';
import { jdConfig, type JdConfig } from './config.ts';
import orders from './mappings/orders.json' with { type: 'json' };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How long a window may be is not documented; clocks may differ by the 6 minutes that calls are taken with. */
const RULES = { longestMs: DAY_MS, overlapMs: 10 * MINUTE_MS };

const ORDERS = shippedStream('jd', 'orders', orders);

/** A shop at JD (POP), over the gateway of its open platform. */
export const jdConnector: Connector = {
  spec: { id: 'jd', kind: 'COMMERCE', title: 'JD (POP)', configSchema: jdConfig.jsonSchema },
  open: (config) => source(jdConfig.parse(config)),
};

function source(config: JdConfig): Source {
  const client = new JdClient(config);
  const beginning = () => windowCursor(new Date(Date.now() - config.historyDays * DAY_MS));
  const pages = (window: TimeWindow, at: Json, signal: AbortSignal) =>
    lastPageFirst(at, {
      first: 1,
      count: async () => Math.ceil((await client.search(window, 1, signal)).orderTotal / config.pageSize),
      read: async (page) =>
        ((await client.search(window, page, signal)).orderInfoList ?? []).map((order) => ({
          id: String(order.orderId),
          origin: `order ${order.orderId}`,
          data: order,
        })),
    });
  return {
    check: (signal) => checked(() => client.search(lastMinute(), 1, signal), 'The gateway answers.', signal),
    discover: async () => [ORDERS],
    read: (_stream, cursor, signal) => readWindows(cursor ?? beginning(), RULES, pages, signal),
    cursorFrom: (_stream, since) => windowCursor(since),
  };
}
