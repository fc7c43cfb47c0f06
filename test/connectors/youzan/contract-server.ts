import { createHash } from 'node:crypto';
import type { TestBed } from '../../../connectors/spi/conformance/index.ts';
import { fromBeijingTime, toBeijingTime } from '../../../connectors/spi/index.ts';
import {
  ContractHttp,
  type ContractAnswer,
  type ContractCall,
} from '../../support/connectors/contract-http.ts';

/**
 * Behaves as source-systems.md §4 ("Youzan") and pages of doc.youzanyun.com say, as they were on 2026-09-11; a comment names
 * the sentence or the page. What the pages leave open: how often orders may be asked for.
 */

const CLIENT = 'c1ient-0123456789';
const SECRET = 'youzan-secret-0123456789';
const KDT = '42583152';
const DAY = 86_400_000;
/** "7 days" (IO94). */
const TOKEN_MS = 7 * DAY;

export interface YouzanShopOrder {
  tid: string;
  updated: Date;
  status: string;
  /** 0 is a parcel, 1 is fetched by the customer. */
  expressType?: number;
  /** Of the buyer's account, if there is one. */
  buyerPhone?: string;
  receiverName?: string;
  receiverTel?: string;
}

export interface YouzanBed extends TestBed {
  orders: Map<string, YouzanShopOrder>;
  clock: { aheadMs: number };
  /** Tokens that were given, with their end; the last one is good. */
  tokens: { value: string; ends: number }[];
  calls: readonly ContractCall[];
  pushOf(message: Record<string, unknown>): ReturnType<NonNullable<TestBed['push']>>;
}

let serial = 0;
/** "E and 24 characters" (youzan.trade.get). */
export const nextTid = () => `E20261127${String(++serial).padStart(15, '0')}`;

export async function startYouzan(): Promise<YouzanBed> {
  const orders = new Map<string, YouzanShopOrder>();
  const clock = { aheadMs: 0 };
  const tokens: YouzanBed['tokens'] = [];
  const now = () => Date.now() + clock.aheadMs;
  // "HTTP is 200 on errors too"; the gateway's own stand in `gw_err_resp` (resource/doc/3027)
  const gateway = (err_code: number, err_msg: string): ContractAnswer => ({
    body: { gw_err_resp: { trace_id: 'yz7-0', err_code, err_msg } },
  });
  const refusal = (code: number, message: string): ContractAnswer => ({
    body: { trace_id: 'yz7-0', code, success: false, message, data: { full_order_info_list: [] } },
  });
  const http = new ContractHttp(answer, {
    THROTTLED: () => gateway(4101, '请求太频繁'),
    REFUSED: () => gateway(4201, '非法的请求凭证'),
  });
  const url = await http.start();

  function answer({ path, query, headers, body }: ContractCall): ContractAnswer {
    // "POST JSON"
    if (headers['content-type'] !== 'application/json') return gateway(4007, '非法的请求姿势');
    const given = JSON.parse(body) as Record<string, unknown>;
    // "token POST /auth/token {client_id, client_secret, authorize_type:"silent", grant_id:<kdt_id>}"
    if (path === '/auth/token') return token(given);
    const present = tokens.at(-1);
    const shown = query.get('access_token');
    if (shown === null || shown === '') return gateway(4201, '非法的请求凭证');
    if (shown !== present?.value) return gateway(4203, 'Token 不存在');
    if (present.ends <= now()) return gateway(4202, '请求凭证过期');
    // "https://open.youzanyun.com/api/<name>/<version>"
    if (path === '/api/youzan.trades.sold.get/4.0.4') return list(given);
    if (path === '/api/youzan.trade.get/4.0.2') {
      const order = orders.get(String(given.tid));
      // "5000 trade not found" (youzan.trade.get)
      return order ? good(orderOf(order)) : refusal(5000, 'trade not found');
    }
    return gateway(4005, '非法的API');
  }

  function token(given: Record<string, unknown>): ContractAnswer {
    const no = (code: number, message: string) => ({ body: { success: false, code, data: null, message } });
    if (given.client_id !== CLIENT) return no(1103, 'Client 不存在');
    if (given.client_secret !== SECRET) return no(1000, '应用信息错误');
    if (given.authorize_type !== 'silent') return no(1105, '不支持的应用类型');
    if (given.grant_id !== KDT) return no(1103, '授权关系不存在');
    // "while the old one is good, refresh=false gives it as it is, refresh=true a new one" (F4cU, 3031)
    const old = tokens.at(-1);
    if (!old || old.ends <= now() || given.refresh === true)
      tokens.push({ value: `youzan-token-${tokens.length}-0123456789`, ends: now() + TOKEN_MS });
    const { value, ends } = tokens.at(-1)!;
    // "expires is the instant, in milliseconds"
    return {
      body: { success: true, code: 200, data: { access_token: value, expires: ends }, message: null },
    };
  }

  function list({ start_update, end_update, page_no, page_size }: Record<string, unknown>): ContractAnswer {
    // 'start_created "2019-06-01" gives 5001: hours, minutes and seconds must be there' (FAQ 33694)
    const isTime = (text: unknown) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(String(text));
    if (!isTime(start_update) || !isTime(end_update)) return gateway(5001, '系统异常');
    const [from, to] = [fromBeijingTime(String(start_update)), fromBeijingTime(String(end_update))];
    if (from > to) return refusal(5000, '开始时间不能大于结束时间');
    // "at most 3 months" (youzan.trades.sold.get); the one year of source-systems.md is wider
    if (to.getTime() - from.getTime() > 92 * DAY) return refusal(106_000_002, '时间跨度不能大于3个月');
    // "not later than 7 days behind today"
    if (to.getTime() > now() + 7 * DAY) return refusal(106_000_003, '结束时间不能超过当前日期后7天');
    const [page, size] = [Number(page_no), Number(page_size)];
    if (!(size >= 1 && size <= 100)) return refusal(5000, '每页最多显示100条数据');
    // "page_no from 1, at most 100"
    if (!(page >= 1 && page <= 100)) return refusal(5000, '页码错误');
    const found = [...orders.values()]
      .map((order) => ({ order, second: Math.floor(order.updated.getTime() / 1000) * 1000 }))
      .filter(({ second }) => second >= from.getTime() && second <= to.getTime())
      .sort((a, b) => a.second - b.second || (a.order.tid < b.order.tid ? -1 : 1));
    const shown = found.slice((page - 1) * size, page * size).map(({ order }) => orderOf(order));
    return good({ total_results: found.length, full_order_info_list: shown });
  }

  function pushOf(message: Record<string, unknown>) {
    const body = Buffer.from(JSON.stringify({ client_id: CLIENT, kdt_id: Number(KDT), ...message }));
    // "header Event-Sign = MD5(client_id + raw body + client_secret)"
    const sign = createHash('md5').update(`${CLIENT}${body.toString()}${SECRET}`).digest('hex');
    const headers = { 'event-sign': sign, 'event-type': String(message.type), 'client-id': CLIENT };
    return { method: 'POST' as const, headers, query: {}, body, receivedAt: new Date() };
  }
  return {
    config: { url, clientId: CLIENT, clientSecret: SECRET, kdtId: KDT, historyDays: 1, throttledWaitMs: 20 },
    secrets: [SECRET, 'youzan-token-0-0123456789'],
    orders,
    clock,
    tokens,
    calls: http.calls,
    pushOf,
    async put(given) {
      const ids = typeof given === 'number' ? Array.from({ length: given }, nextTid) : [...given];
      for (const tid of ids) orders.set(tid, youzanOrder({ tid, updated: new Date(now()) }));
      return { stream: 'orders', ids };
    },
    fail: (fault, after) => http.fail(fault, after),
    heal: () => http.heal(),
    push: ([tid]) => pushOf(payMessage(tid!)),
    stop: () => http.stop(),
  };
}

function good(data: unknown): ContractAnswer {
  // "answer {code:200,success,data:{full_order_info_list:[{full_order_info}]},trace_id}"
  return { body: { trace_id: 'yz7-0', code: 200, success: true, message: 'successful', data } };
}

/** "msg is JSON, URL-encoded" (the page of trade_TradeBuyerPay); the order stands in it whole. */
export function payMessage(tid: string): Record<string, unknown> {
  const msg = encodeURIComponent(JSON.stringify({ full_order_info: { order_info: { tid } } }));
  return { type: 'trade_TradeBuyerPay', id: tid, msg_id: `m-${tid}`, version: 1, msg };
}

/** The layout of youzan.trade.get/4.0.2 and of an entry of the list; amounts in yuan, as text. */
function orderOf(order: YouzanShopOrder): unknown {
  const { tid, updated, status, expressType = 0, buyerPhone } = order;
  // "receiver name and address come encrypted ($...$1$)"
  const { receiverName = '$kSf8mCbIyZ0=$1$', receiverTel = '$3f/2dAQ9XbE=$1$' } = order;
  return {
    full_order_info: {
      order_info: {
        tid,
        status,
        created: toBeijingTime(new Date(updated.getTime() - 300_000)),
        update_time: toBeijingTime(updated),
        express_type: expressType,
      },
      buyer_info: { yz_open_id: `yz-${tid}`, ...(buyerPhone && { buyer_phone: buyerPhone }) },
      address_info: {
        receiver_name: receiverName,
        receiver_tel: receiverTel,
        delivery_province: '浙江省',
        delivery_city: '杭州市',
        delivery_district: '西湖区',
        delivery_address: '$9d0VnU1rW2k=$1$',
      },
      pay_info: { total_fee: '259.00', post_fee: '0.00', payment: '259.00' },
      orders: [
        {
          oid: `${tid.slice(1)}1`,
          outer_sku_id: 'TEE-BLK-M',
          outer_item_id: 'TEE',
          num: 2,
          price: '139.00',
          discount_price: '129.50',
        },
      ],
    },
  };
}

/** A paid order, changed now; `change` says what is different. */
export function youzanOrder(change: Partial<YouzanShopOrder> = {}): YouzanShopOrder {
  return { tid: nextTid(), updated: new Date(), status: 'WAIT_SELLER_SEND_GOODS', ...change };
}
