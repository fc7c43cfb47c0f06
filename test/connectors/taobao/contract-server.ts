import { createHmac } from 'node:crypto';
import type { TestBed } from '../../../connectors/spi/conformance/index.ts';
import { fromBeijingTime, toBeijingTime } from '../../../connectors/spi/index.ts';
import {
  ContractHttp,
  type ContractAnswer,
  type ContractCall,
} from '../../support/connectors/contract-http.ts';

/** Behaves as source-systems.md §4 ("Taobao/Tmall") says; a comment names the sentence. Error codes are not verified. */

const APP = { appKey: '12345678', appSecret: 'top-secret-0123456789', session: 'top-session-0123456789' };
const MINUTE = 60_000;

export interface TopTrade {
  tid: string;
  /** Milliseconds. */
  modified: number;
  status: string;
  mobile: string;
}

export interface TaobaoBed extends TestBed {
  trades: Map<string, TopTrade>;
  /** How far the platform's clock is ahead of ours. */
  clock: { aheadMs: number };
  /** Runs when a page of the list has been answered. */
  afterPage: { do?: () => void };
  http: ContractHttp;
}

const error = (code: number, msg: string, sub_code?: string): ContractAnswer => ({
  // "Errors inside HTTP 200" (§5)
  body: { error_response: { code, msg, ...(sub_code && { sub_code }), request_id: 'r1' } },
});
let serial = 0;
/** 19 digits: beyond what a number of JavaScript holds. */
const nextTid = () => `22886600998800${String(++serial).padStart(5, '0')}`;

export async function startTaobao(): Promise<TaobaoBed> {
  const trades = new Map<string, TopTrade>();
  const clock = { aheadMs: 0 };
  const afterPage: TaobaoBed['afterPage'] = {};
  const now = () => Date.now() + clock.aheadMs;

  const http = new ContractHttp(answer, {
    THROTTLED: () => error(7, 'App Call Limited', 'accesscontrol.limited-by-app-access-count'),
    REFUSED: () => error(27, 'Invalid Session', 'sessionkey-not-generated-by-server'),
  });
  const url = `${await http.start()}/router/rest`;

  function answer({ path, body }: ContractCall): ContractAnswer {
    if (path !== '/router/rest') return { status: 404, body: '' };
    const given = Object.fromEntries(new URLSearchParams(body));
    const { sign, ...signed } = given;
    // "sort keys by ASCII, concatenate key+value, skip empty; hmac-sha256; upper-case hex"
    let base = '';
    for (const [name, value] of Object.entries(signed).sort(([a], [b]) => (a < b ? -1 : 1)))
      if (value) base += `${name}${value}`;
    if (given.sign_method !== 'hmac-sha256' || given.v !== '2.0') return error(21, 'Invalid Parameter');
    const expected = createHmac('sha256', APP.appSecret).update(base).digest('hex').toUpperCase();
    if (sign !== expected) return error(25, 'Invalid signature');
    // "timestamp 'yyyy-MM-dd HH:mm:ss' GMT+8 (10 min skew)"
    const age = Math.abs(now() - fromBeijingTime(given.timestamp ?? '').getTime());
    if (!(age <= 10 * MINUTE)) return error(31, 'Invalid Timestamp');
    if (given.app_key !== APP.appKey) return error(29, 'Invalid app Key');
    if (given.session !== APP.session) return error(27, 'Invalid Session');
    if (given.method === 'taobao.trades.sold.increment.get') return increment(given);
    if (given.method === 'taobao.trade.fullinfo.get') return fullinfo(given);
    return error(22, 'Invalid Method');
  }

  function increment(given: Record<string, string>): ContractAnswer {
    const [start, end] = [given.start_modified, given.end_modified].map((text) =>
      fromBeijingTime(text ?? '').getTime(),
    ) as [number, number];
    // "start_modified, end_modified (at most 1 day apart)", "last 3 months only"
    if (!(end - start >= 0 && end - start <= 24 * 60 * MINUTE))
      return error(41, 'Invalid Arguments', 'isv.invalid-parameter:interval');
    if (start < now() - 92 * 24 * 60 * MINUTE)
      return error(41, 'Invalid Arguments', 'isv.invalid-parameter:start');
    // "page_size (default 40, maximum 100)"
    const size = Number(given.page_size ?? 40);
    if (!(size >= 1 && size <= 100)) return error(41, 'Invalid Arguments', 'isv.invalid-parameter:page_size');
    // "sorted by modified descending"
    const found = [...trades.values()]
      .filter(({ modified }) => modified >= start && modified <= end)
      .sort((a, b) => b.modified - a.modified || (a.tid < b.tid ? 1 : -1));
    const from = (Number(given.page_no ?? 1) - 1) * size;
    const page = found
      .slice(from, from + size)
      .map(({ tid, modified }) => `{"tid":${tid},"modified":"${time(modified)}"}`);
    // "use_has_next=true gives has_next and no total"
    const told =
      given.use_has_next === 'true'
        ? `"has_next":${from + size < found.length}`
        : `"total_results":${found.length}`;
    queueMicrotask(() => given.use_has_next === 'true' && afterPage.do?.());
    // Ids are numbers of 19 digits; a list that is empty is left out.
    const list = page.length > 0 ? `,"trades":{"trade":[${page.join()}]}` : '';
    return { body: `{"trades_sold_increment_get_response":{${told}${list},"request_id":"r2"}}` };
  }

  function fullinfo(given: Record<string, string>): ContractAnswer {
    const trade = trades.get(given.tid ?? '');
    if (!trade) return error(15, 'Remote service error', 'isv.trade-not-exist');
    const { tid, modified, status, mobile } = trade;
    const full = {
      status,
      created: time(modified - 5 * MINUTE),
      modified: time(modified),
      payment: '259.00',
      buyer_nick: 't**',
      buyer_open_uid: `AAE${tid}`,
      receiver_name: '林**',
      receiver_mobile: mobile,
      receiver_state: '浙江省',
      receiver_city: '杭州市',
      receiver_district: '西湖区',
      receiver_address: '文三路***',
    };
    const line = `{"oid":${tid.slice(0, -1)}9,"outer_sku_id":"TEE-BLK-M","num":2,"price":"129.50"}`;
    const text = JSON.stringify(full).slice(1, -1);
    return {
      body: `{"trade_fullinfo_get_response":{"trade":{"tid":${tid},${text},"orders":{"order":[${line}]}}}}`,
    };
  }

  return {
    config: { url, ...APP, historyDays: 1, windowMinutes: 1_440 },
    secrets: [APP.appSecret, APP.session],
    trades,
    clock,
    afterPage,
    http,
    async put(given) {
      const tids = typeof given === 'number' ? Array.from({ length: given }, nextTid) : [...given];
      for (const tid of tids) trades.set(tid, topTrade({ tid, modified: now() }));
      return { stream: 'orders', ids: tids };
    },
    fail: (fault, after) => http.fail(fault, after),
    heal: () => http.heal(),
    stop: () => http.stop(),
  };
}

const time = (ms: number) => toBeijingTime(new Date(ms));

/** A paid trade, changed now, at a whole second; `change` says what is different. */
export function topTrade(change: Partial<TopTrade> = {}): TopTrade {
  const trade = {
    tid: nextTid(),
    modified: Date.now(),
    status: 'WAIT_SELLER_SEND_GOODS',
    mobile: '13800138000',
    ...change,
  };
  return { ...trade, modified: Math.floor(trade.modified / 1000) * 1000 };
}
