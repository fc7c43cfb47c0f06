import { createHash, createHmac } from 'node:crypto';
import type { TestBed } from '../../../connectors/spi/conformance/index.ts';
import { fromBeijingTime } from '../../../connectors/spi/index.ts';
import {
  ContractHttp,
  type ContractAnswer,
  type ContractCall,
} from '../../support/connectors/contract-http.ts';

/** Behaves as source-systems.md §4 ("Douyin/抖店") says; a comment names the sentence. Error codes are not verified. */

const KEY = '7100000000000000001';
const SECRET = 'douyin-secret-0123456789';
const SHOP = '4463798';
const MINUTE = 60_000;

export interface DouyinShopOrder {
  order_id: string;
  /** Unix seconds. */
  updated: number;
  status: number;
}

export interface DouyinBed extends TestBed {
  orders: Map<string, DouyinShopOrder>;
  clock: { aheadMs: number };
  /** Which way of saying "good" is in use. */
  style: { success: 'CODE' | 'ERR_NO' };
  /** Tokens that were given; the last one is good. */
  tokens: string[];
  pushOf(messages: unknown): ReturnType<NonNullable<TestBed['push']>>;
}

let serial = 0;
const nextOrderId = () => `692018888800${String(++serial).padStart(7, '0')}`;

export async function startDouyin(): Promise<DouyinBed> {
  const orders = new Map<string, DouyinShopOrder>();
  const clock = { aheadMs: 0 };
  const style: DouyinBed['style'] = { success: 'CODE' };
  const tokens: string[] = [];
  const now = () => Date.now() + clock.aheadMs;
  // "Errors inside HTTP 200" (§5)
  const error = (code: number, sub_code: string, message = 'refused'): ContractAnswer => ({
    body: { code, message, sub_code },
  });
  const http = new ContractHttp(answer, {
    THROTTLED: () => error(80_000, 'isv.limit-frequency'),
    REFUSED: () => error(30_001, 'isv.app-permissions-insufficient'),
  });
  const url = await http.start();

  function good(data: string): ContractAnswer {
    // "Success code 10000 in one public client, err_no 0 in another"
    const told = style.success === 'CODE' ? '"code":10000,"msg":"success"' : '"err_no":0,"message":"success"';
    return { body: `{${told},"data":${data}}` };
  }

  function answer({ path, query, body }: ContractCall): ContractAnswer {
    const method = query.get('method') ?? '';
    // "POST https://openapi-fxg.jinritemai.com/<method with / for .>"
    if (path !== `/${method.replaceAll('.', '/')}`) return { status: 404, body: '' };
    const [key, at] = [query.get('app_key'), query.get('timestamp') ?? ''];
    // "P must be the exact JSON that is sent, keys sorted"
    const given = JSON.parse(body) as Record<string, unknown>;
    const names = Object.keys(given);
    if (names.join() !== [...names].sort().join()) return error(40_003, 'isv.signature-invalid', 'unsorted');
    // 'secret + "app_key"K+"method"M+"param_json"P+"timestamp"T+"v2" + secret, HMAC-SHA256 keyed with the secret'
    const base = `${SECRET}app_key${key}method${method}param_json${body}timestamp${at}v2${SECRET}`;
    if (query.get('sign') !== createHmac('sha256', SECRET).update(base).digest('hex'))
      return error(40_003, 'isv.signature-invalid');
    // "skew 10 min"
    if (!(Math.abs(now() - fromBeijingTime(at).getTime()) <= 10 * MINUTE))
      return error(40_003, 'isv.timestamp-invalid');
    if (method === 'token.create') {
      // "token by /token/create (authorization_self | authorization_code)"
      if (given.grant_type !== 'authorization_self' || given.shop_id !== SHOP)
        return error(50_002, 'isv.business-failed');
      tokens.push(`douyin-token-${tokens.length}-0123456789`);
      return good(`{"access_token":"${tokens.at(-1)}","expires_in":604800}`);
    }
    if (query.get('access_token') !== tokens.at(-1)) return error(30_002, 'isv.access-token-expired');
    if (method === 'order.searchList') return search(given);
    if (method === 'order.orderDetail') {
      const order = orders.get(String(given.shop_order_id));
      return good(order ? `{"shop_order_detail":${orderText(order)}}` : 'null');
    }
    return error(40_004, 'isv.method-invalid');
  }

  function search(given: Record<string, unknown>): ContractAnswer {
    const { update_time_start: start, update_time_end: end, page, size } = given as Record<string, number>;
    // "update_time_start/_end (unix seconds)"
    if (!Number.isInteger(start) || !Number.isInteger(end)) return error(40_004, 'isv.parameter-invalid');
    // "page from 0, size <= 100"
    if (!(page! >= 0 && size! >= 1 && size! <= 100)) return error(40_004, 'isv.parameter-invalid');
    const found = [...orders.values()]
      .filter(({ updated }) => updated >= start! && updated <= end!)
      .sort((a, b) => a.updated - b.updated || (a.order_id < b.order_id ? -1 : 1));
    const list = found.slice(page! * size!, (page! + 1) * size!).map(orderText);
    return good(`{"total":${found.length},"page":${page},"size":${size},"shop_order_list":[${list.join()}]}`);
  }

  function pushOf(messages: unknown) {
    const body = Buffer.from(JSON.stringify(messages));
    // "headers app-id, event-sign = md5(app_key + raw body + app_secret)"
    const sign = createHash('md5').update(`${KEY}${body.toString()}${SECRET}`).digest('hex');
    const headers = { 'app-id': KEY, 'event-sign': sign };
    return { method: 'POST' as const, headers, query: {}, body, receivedAt: new Date() };
  }
  return {
    config: { url, appKey: KEY, appSecret: SECRET, shopId: SHOP, historyDays: 1 },
    secrets: [SECRET, 'douyin-token-0-0123456789'],
    orders,
    clock,
    style,
    tokens,
    pushOf,
    async put(given) {
      const ids = typeof given === 'number' ? Array.from({ length: given }, nextOrderId) : [...given];
      for (const order_id of ids)
        orders.set(order_id, douyinOrder({ order_id, updated: Math.floor(now() / 1000) }));
      return { stream: 'orders', ids };
    },
    fail: (fault, after) => http.fail(fault, after),
    heal: () => http.heal(),
    push: ([id]) => pushOf([{ tag: '100', msg_id: `m-${id}`, data: JSON.stringify({ p_id: id }) }]),
    stop: () => http.stop(),
  };
}

function orderText({ order_id, updated, status }: DouyinShopOrder): string {
  const order = {
    order_id,
    order_status: status,
    create_time: updated - 300,
    update_time: updated,
    pay_amount: 25900,
    doudian_open_id: `open-${order_id}`,
    post_addr: { province: { name: '浙江省' }, city: { name: '杭州市' }, town: { name: '西湖区' } },
    sku_order_list: [{ order_id: `${order_id}1`, code: 'TEE-BLK-M', item_num: 2, goods_price: 12950 }],
  };
  return JSON.stringify(order);
}

/** A paid order, changed now; `change` says what is different. */
export function douyinOrder(change: Partial<DouyinShopOrder> = {}): DouyinShopOrder {
  return { order_id: nextOrderId(), updated: Math.floor(Date.now() / 1000), status: 105, ...change };
}
