import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import type { TestBed } from '../../../connectors/spi/conformance/index.ts';
import {
  ContractHttp,
  type ContractAnswer,
  type ContractCall,
} from '../../support/connectors/contract-http.ts';

/** Behaves as source-systems.md §4 ("WeChat shop") says; a comment names the sentence. Error numbers are not verified. */

const APP = { appId: 'wxb0123456789abcde', appSecret: 'wechat-secret-0123456789' };
const PUSH = {
  pushToken: 'wechat-push-token-0123',
  encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
};
const DAY = 86_400;

interface Shop {
  /** Unix seconds of the last change. */
  updated: number;
  status: string | number;
}
export interface WechatBed extends TestBed {
  orders: Map<string, Shop>;
  afterSales: Map<string, Shop & { type: string; order: string }>;
  tokens: string[];
  pushOf(event: string): ReturnType<NonNullable<TestBed['push']>>;
}

let serial = 0;
export const nextId = () => `37042001883000${String(++serial).padStart(5, '0')}`;
export const nowSeconds = () => Math.floor(Date.now() / 1000);

export async function startWechat(): Promise<WechatBed> {
  const orders: WechatBed['orders'] = new Map();
  const afterSales: WechatBed['afterSales'] = new Map();
  const tokens: string[] = [];
  // "Errors inside HTTP 200" (§5)
  const error = (errcode: number, errmsg: string): ContractAnswer => ({ body: { errcode, errmsg } });
  const http = new ContractHttp(answer, {
    THROTTLED: () => error(45_011, 'api minute-quota reach limit'),
    REFUSED: () => error(40_125, 'invalid appsecret'),
  });
  const url = await http.start();

  function answer({ path, query, body }: ContractCall): ContractAnswer {
    if (path === '/cgi-bin/token') {
      if (query.get('secret') !== APP.appSecret)
        return error(40_125, `invalid appsecret, ${query.get('secret')}`);
      tokens.push(`wechat-token-${tokens.length}-0123456789`);
      return { body: { access_token: tokens.at(-1), expires_in: 7_200 } };
    }
    if (query.get('access_token') !== tokens.at(-1)) return error(40_001, 'invalid credential');
    const given = JSON.parse(body) as Record<string, unknown>;
    switch (path) {
      case '/channels/ec/order/list/get': {
        const { start_time, end_time } = given.update_time_range as { start_time: number; end_time: number };
        const size = Number(given.page_size);
        // "page_size<=100, next_key} (range <= 7 days"
        if (end_time - start_time > 7 * DAY) return error(10_020_001, 'time range is over 7 days');
        if (!(size >= 1 && size <= 100)) return error(10_020_002, 'page_size is invalid');
        // "order_id is a number in some payloads and a string in others"
        return listed('order_id_list', orders, start_time, end_time, size, given, (id, index) =>
          index % 2 ? id : JSON.stringify(id),
        );
      }
      case '/channels/ec/order/get': {
        const order = orders.get(String(given.order_id));
        return order
          ? { body: orderText(String(given.order_id), order) }
          : error(10_020_050, 'order not found');
      }
      case '/channels/ec/aftersale/getaftersalelist': {
        const [start, end] = [Number(given.begin_update_time), Number(given.end_update_time)];
        // "begin/end_update_time, <= 24 h"
        if (!(end - start <= DAY)) return error(10_020_003, 'time range is over 24 hours');
        return listed('after_sale_order_id_list', afterSales, start, end, 50, given, (id) =>
          JSON.stringify(id),
        );
      }
      case '/channels/ec/aftersale/getaftersaleorder': {
        const id = String(given.after_sale_order_id);
        const found = afterSales.get(id);
        if (!found) return error(10_020_098, 'aftersale order not found');
        const { status, type, updated, order } = found;
        const product_info = { sku_id: '77', count: 1 };
        const after_sale_order = {
          after_sale_order_id: id,
          order_id: order,
          status,
          type,
          create_time: updated - 60,
          update_time: updated,
          product_info,
        };
        return { body: { errcode: 0, after_sale_order } };
      }
      default:
        return { status: 404, body: '' };
    }
  }

  function listed(
    name: string,
    all: Map<string, Shop>,
    start: number,
    end: number,
    size: number,
    given: Record<string, unknown>,
    written: (id: string, index: number) => string,
  ): ContractAnswer {
    const key = ([id, { updated }]: [string, Shop]) => `${updated}-${id}`;
    const found = [...all]
      .filter(([, { updated }]) => updated >= start && updated <= end)
      .sort((a, b) => (key(a) < key(b) ? -1 : 1))
      .filter((entry) => key(entry) > String(given.next_key ?? ''));
    const page = found.slice(0, size);
    const next = page.length > 0 ? key(page.at(-1)!) : '';
    const ids = page.map(([id], index) => written(id, index)).join();
    const has_more = found.length > size;
    return {
      body: `{"errcode":0,"errmsg":"ok","${name}":[${ids}],"has_more":${has_more},"next_key":"${next}"}`,
    };
  }

  /** "AES 'safe mode' only, JSON" */
  function pushOf(event: string) {
    const key = Buffer.from(`${PUSH.encodingAesKey}=`, 'base64');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(event));
    const plain = Buffer.concat([randomBytes(16), length, Buffer.from(event + APP.appId)]);
    const pad = 32 - (plain.length % 32);
    const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
    const padded = Buffer.concat([plain, Buffer.alloc(pad, pad)]);
    const Encrypt = Buffer.concat([cipher.update(padded), cipher.final()]).toString('base64');
    const [timestamp, nonce] = [String(nowSeconds()), '1320562132'];
    const sorted = [PUSH.pushToken, timestamp, nonce, Encrypt].sort().join('');
    const msg_signature = createHash('sha1').update(sorted).digest('hex');
    const body = Buffer.from(JSON.stringify({ ToUserName: 'gh_0123456789ab', Encrypt }));
    const query = { timestamp, nonce, msg_signature };
    return { method: 'POST' as const, headers: {}, query, body, receivedAt: new Date() };
  }
  return {
    config: { url, ...APP, ...PUSH, historyDays: 1 },
    secrets: [APP.appSecret, PUSH.pushToken, PUSH.encodingAesKey, 'wechat-token-0-0123456789'],
    orders,
    afterSales,
    tokens,
    pushOf,
    async put(given) {
      const ids = typeof given === 'number' ? Array.from({ length: given }, nextId) : [...given];
      for (const id of ids) orders.set(id, { updated: nowSeconds(), status: 20 });
      return { stream: 'orders', ids };
    },
    fail: (fault, after) => http.fail(fault, after),
    heal: () => http.heal(),
    push: ([id]) => pushOf(`{"Event":"channels_ec_order_pay","order_info":{"order_id":${id}}}`),
    stop: () => http.stop(),
  };
}

function orderText(id: string, { updated, status }: Shop): string {
  const order_detail = {
    product_infos: [{ sku_id: '77', sku_code: 'TEE-BLK-M', sku_cnt: 2, sale_price: 12950 }],
    price_info: { order_price: 25900 },
    delivery_info: {
      address_info: { user_name: '林晓雨', tel_number: '138****8000', province_name: '浙江省' },
    },
  };
  const rest = { status, create_time: updated - 60, update_time: updated, openid: `o-${id}`, order_detail };
  return `{"errcode":0,"order":{"order_id":${id},${JSON.stringify(rest).slice(1)}}`;
}
