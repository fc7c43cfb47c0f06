import { createHash } from 'node:crypto';
import type { TestBed } from '../../../connectors/spi/conformance/index.ts';
import { fromBeijingTime, toBeijingTime } from '../../../connectors/spi/index.ts';
import {
  ContractHttp,
  type ContractAnswer,
  type ContractCall,
} from '../../support/connectors/contract-http.ts';

/** Behaves as source-systems.md §4 ("JD") says; a comment names the sentence. Error numbers and fields are not verified. */

const APP = { appKey: 'jd-app-key', appSecret: 'jd-secret-0123456789', accessToken: 'jd-token-0123456789' };
const MINUTE = 60_000;

export interface JdShopOrder {
  orderId: string;
  /** Milliseconds. */
  modified: number;
  state: string;
}

export interface JdBed extends TestBed {
  orders: Map<string, JdShopOrder>;
  clock: { aheadMs: number };
  /** Whether the result stands as JSON or as a text with JSON in it. */
  inner: { asText: boolean };
}

const error = (code: string, en_desc: string): ContractAnswer => ({
  // "Errors inside HTTP 200" (§5)
  body: { error_response: { code, en_desc, zh_desc: '' } },
});
let serial = 0;
/** "Ids exceed 2^53" */
const nextOrderId = () => `92233720368547${String(++serial).padStart(5, '0')}`;

export async function startJd(): Promise<JdBed> {
  const orders = new Map<string, JdShopOrder>();
  const clock = { aheadMs: 0 };
  const inner = { asText: true };
  const now = () => Date.now() + clock.aheadMs;
  const http = new ContractHttp(answer, {
    THROTTLED: () => error('7', 'App Call Limited'),
    REFUSED: () => error('19', 'Invalid access_token'),
  });
  const url = `${await http.start()}/routerjson`;

  function answer({ path, body }: ContractCall): ContractAnswer {
    if (path !== '/routerjson') return { status: 404, body: '' };
    const { sign, ...given } = Object.fromEntries(new URLSearchParams(body));
    // "sort all system parameters and 360buy_param_json, MD5(secret+s+secret) upper-case"
    const pairs = Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1));
    const base = [APP.appSecret, ...pairs.flat(), APP.appSecret].join('');
    if (sign !== createHash('md5').update(base).digest('hex').toUpperCase())
      return error('12', 'Invalid sign');
    // "Time skew 6 min"
    const age = Math.abs(now() - fromBeijingTime(given.timestamp ?? '').getTime());
    if (!(age <= 6 * MINUTE)) return error('15', 'Invalid timestamp');
    if (given.access_token !== APP.accessToken) return error('19', 'Invalid access_token');
    if (given.method !== 'jingdong.pop.order.search') return error('3', 'Invalid method');
    return search(JSON.parse(given['360buy_param_json']!) as Record<string, string>);
  }

  function search({ start_date, end_date, page, page_size }: Record<string, string>): ContractAnswer {
    const [start, end] = [start_date!, end_date!].map((text) => fromBeijingTime(text).getTime()) as [
      number,
      number,
    ];
    const found = [...orders.values()]
      .filter(({ modified }) => modified >= start && modified <= end)
      .sort((a, b) => a.modified - b.modified || (a.orderId < b.orderId ? -1 : 1));
    const from = (Number(page) - 1) * Number(page_size);
    const list = found.slice(from, from + Number(page_size)).map(orderText);
    const result = `{"apiResult":{"success":true},"orderTotal":${found.length},"orderInfoList":[${list.join()}]}`;
    // "inner results may be JSON strings"; "keyed jingdong_..._responce"
    const told = inner.asText ? JSON.stringify(result) : result;
    return { body: `{"jingdong_pop_order_search_responce":{"code":"0","searchorderinfo_result":${told}}}` };
  }

  return {
    config: { url, ...APP, historyDays: 1, pageSize: 100 },
    secrets: [APP.appSecret, APP.accessToken],
    orders,
    clock,
    inner,
    async put(given) {
      const ids = typeof given === 'number' ? Array.from({ length: given }, nextOrderId) : [...given];
      for (const orderId of ids) orders.set(orderId, jdOrder({ orderId, modified: now() }));
      return { stream: 'orders', ids };
    },
    fail: (fault, after) => http.fail(fault, after),
    heal: () => http.heal(),
    stop: () => http.stop(),
  };
}

/** Ids stand as numbers. */
function orderText({ orderId, modified, state }: JdShopOrder): string {
  const fields = {
    orderState: state,
    orderStartTime: toBeijingTime(new Date(modified - 5 * MINUTE)),
    modified: toBeijingTime(new Date(modified)),
    orderPayment: '259.00',
    open_id_buyer: `oid-${orderId}`,
    consigneeInfo: {
      fullname: '林晓雨',
      mobile: '13800138000',
      province: '浙江',
      city: '杭州市',
      county: '西湖区',
    },
  };
  const item = `{"skuId":${orderId.slice(0, -1)}7,"outerSkuId":"TEE-BLK-M","itemTotal":"2","jdPrice":"129.50"}`;
  return `{"orderId":${orderId},${JSON.stringify(fields).slice(1, -1)},"itemInfoList":[${item}]}`;
}

/** A paid order, changed now, at a whole second; `change` says what is different. */
export function jdOrder(change: Partial<JdShopOrder> = {}): JdShopOrder {
  const order = { orderId: nextOrderId(), modified: Date.now(), state: 'WAIT_SELLER_STOCK_OUT', ...change };
  return { ...order, modified: Math.floor(order.modified / 1000) * 1000 };
}
