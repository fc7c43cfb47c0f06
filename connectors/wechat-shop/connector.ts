import {
  checked,
  lastMinute,
  readWindows,
  shippedStream,
  windowCursor,
  type Connector,
  type Json,
  type RawRecord,
  type Source,
  type TimeWindow,
  type WindowPage,
  type WindowRules,
} from '../spi/index.ts';
import { WechatClient, type IdPage, type WechatObject } from './client.ts';
import { wechatConfig, type WechatConfig } from './config.ts';
import orders from './mappings/orders.json' with { type: 'json' };
import returns from './mappings/returns.json' with { type: 'json' };
import { receivePush, type PushSecrets } from './webhook.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How far the lists are behind is not documented. */
const OVERLAP_MS = 10 * MINUTE_MS;

/** How a stream is read: ids of what changed, then each by itself. */
interface Reading {
  rules: WindowRules;
  list(client: WechatClient, window: TimeWindow, nextKey: string, signal: AbortSignal): Promise<IdPage>;
  get(client: WechatClient, id: string, signal: AbortSignal): Promise<WechatObject | undefined>;
}

const READINGS: Readonly<Record<string, Reading>> = {
  orders: {
    rules: { longestMs: 7 * DAY_MS, overlapMs: OVERLAP_MS },
    list: (client, ...args) => client.orders(...args),
    get: (client, ...args) => client.order(...args),
  },
  returns: {
    rules: { longestMs: DAY_MS, overlapMs: OVERLAP_MS },
    list: (client, ...args) => client.afterSales(...args),
    // Money alone that goes back is no return.
    get: async (client, ...args) => {
      const afterSale = await client.afterSale(...args);
      return afterSale?.type === 'REFUND' ? undefined : afterSale;
    },
  },
};

const STREAMS = Object.entries({ orders, returns }).map(([name, mapping]) =>
  shippedStream('wechat-shop', name, mapping),
);

/** A WeChat shop (微信小店). */
export const wechatShopConnector: Connector = {
  spec: {
    id: 'wechat-shop',
    kind: 'COMMERCE',
    title: 'WeChat shop (微信小店)',
    configSchema: wechatConfig.jsonSchema,
  },
  open: (config) => source(wechatConfig.parse(config)),
};

function source(config: WechatConfig): Source {
  const client = new WechatClient(config);
  const secrets = pushSecrets(config);
  const beginning = () => windowCursor(new Date(Date.now() - config.historyDays * DAY_MS));
  return {
    check: (signal) => checked(() => client.orders(lastMinute(), '', signal), 'The shop answers.', signal),
    discover: async () => STREAMS,
    read(stream, cursor, signal) {
      const reading = READINGS[stream.name]!;
      const pages = (window: TimeWindow, at: Json, ending: AbortSignal) =>
        pagesOf(client, reading, window, at, ending);
      return readWindows(cursor ?? beginning(), reading.rules, pages, signal);
    },
    cursorFrom: (_stream, since) => windowCursor(since),
    ...(secrets && {
      webhook: {
        receive: async (push) => receivePush(push, secrets),
        readBack: (stream, ids, signal) =>
          recordsOf(
            client,
            READINGS[stream.name]!,
            ids.filter((id) => /^\d+$/.test(id)),
            signal,
          ),
      },
    }),
  };
}

function pushSecrets({ appId, pushToken, encodingAesKey }: WechatConfig): PushSecrets | undefined {
  if (pushToken === undefined || encodingAesKey === undefined) return undefined;
  return { appId, pushToken, encodingAesKey };
}

/** `at` is the key of the next page; an empty one: there is none. */
async function* pagesOf(
  client: WechatClient,
  reading: Reading,
  window: TimeWindow,
  at: Json,
  signal: AbortSignal,
): AsyncGenerator<WindowPage> {
  if (at === '') return;
  let key = at === null ? '' : String(at);
  do {
    const { ids, nextKey } = await reading.list(client, window, key, signal);
    key = nextKey;
    yield { records: await recordsOf(client, reading, ids, signal), at: key };
  } while (key !== '');
}

async function recordsOf(
  client: WechatClient,
  reading: Reading,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<RawRecord[]> {
  const found = await Promise.all(ids.map((id) => reading.get(client, id, signal)));
  return found.flatMap((data, index) => {
    const id = ids[index]!;
    return data ? [{ id, origin: id, data }] : [];
  });
}
