import {
  checked,
  FatalError,
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
import { YouzanClient, type YouzanOrder } from './client.ts';
import { youzanConfig, type YouzanConfig } from './config.ts';
import orders from './mappings/orders.json' with { type: 'json' };
import { receivePush } from './webhook.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The list shows an order some time after it changed, "30 seconds or more" (doc.youzanyun.com, 4978); clocks differ too. */
const OVERLAP_MS = 10 * MINUTE_MS;
/** Pages of a list. */
const MOST_PAGES = 100;

const ORDERS = shippedStream('youzan', 'orders', orders);

/** A shop at Youzan (有赞), over its cloud API. */
export const youzanConnector: Connector = {
  spec: { id: 'youzan', kind: 'COMMERCE', title: 'Youzan (有赞)', configSchema: youzanConfig.jsonSchema },
  open: (config) => source(youzanConfig.parse(config)),
};

function source(config: YouzanConfig): Source {
  const client = new YouzanClient(config);
  const rules = { longestMs: config.windowHours * HOUR_MS, overlapMs: OVERLAP_MS };
  const beginning = () => windowCursor(new Date(Date.now() - config.historyDays * 24 * HOUR_MS));
  const pages = (window: TimeWindow, at: Json, signal: AbortSignal) =>
    lastPageFirst(at, {
      first: 1,
      count: async () => {
        const { total_results: total } = await client.changed(window, 1, signal);
        return pagesOf(total, config);
      },
      read: async (page) =>
        ((await client.changed(window, page, signal)).full_order_info_list ?? []).map(rawOrder),
    });
  return {
    check: (signal) => checked(() => client.changed(lastMinute(), 1, signal), 'The shop answers.', signal),
    discover: async () => [ORDERS],
    read: (_stream, cursor, signal) => readWindows(cursor ?? beginning(), rules, pages, signal),
    cursorFrom: (_stream, since) => windowCursor(since),
    webhook: {
      receive: async (push) => receivePush(push, config, ORDERS.name),
      async readBack(_stream, ids, signal) {
        const found = await Promise.all(ids.map((tid) => client.order(tid, signal)));
        return found.filter((order) => order !== undefined).map(rawOrder);
      },
    },
  };
}

function pagesOf(total: number, { pageSize, windowHours }: YouzanConfig): number {
  const pages = Math.ceil(total / pageSize);
  if (pages > MOST_PAGES)
    throw new FatalError(
      `${total} orders changed within ${windowHours} hours, and Youzan lists ${MOST_PAGES * pageSize}: set windowHours lower.`,
    );
  return pages;
}

function rawOrder(order: YouzanOrder): RawRecord {
  const { tid } = order.full_order_info.order_info;
  return { id: tid, origin: `order ${tid}`, data: order };
}
