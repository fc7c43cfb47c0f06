import {
  FatalError,
  PacedCalls,
  parseExactJson,
  RetriableError,
  sendHttp,
  toBeijingTime,
  type Pace,
  type TimeWindow,
} from '../spi/index.ts';
import type { TaobaoConfig } from './config.ts';
import { topSign } from './sign.ts';

/** How many calls a second an app may make is not documented where we could read it; the gateway says when it is too much. */
const PACE: Pace = { concurrency: 4, timeoutMs: 20_000, retryAfterMs: 200 };

const TRADE_FIELDS =
  `tid,status,created,modified,payment,buyer_nick,buyer_open_uid,receiver_name,receiver_mobile,
receiver_state,receiver_city,receiver_district,receiver_address,orders.oid,orders.outer_sku_id,orders.outer_iid,
orders.num,orders.price`.replaceAll('\n', '');

/** A trade in full; numbers of more than 15 digits are text. */
export type Trade = Record<string, unknown> & { tid: string | number; modified: string };

interface TradeList {
  total_results?: number;
  trades?: { trade: { tid: string | number }[] };
}

interface GatewayError {
  code: number;
  msg: string;
  sub_code?: string;
}

/** The calls that are made of the gateway, and what their failures mean. */
export class TaobaoClient {
  private readonly calls = new PacedCalls(PACE);

  constructor(private readonly config: TaobaoConfig) {}

  /** How many trades changed in the window. */
  async count(window: TimeWindow, signal: AbortSignal): Promise<number> {
    const list = await this.list(window, { page_no: '1', page_size: '1', use_has_next: 'false' }, signal);
    return list.total_results ?? 0;
  }

  /** Ids of those that changed in the window, the last change first; pages are numbered from 1. */
  async page(window: TimeWindow, page: number, signal: AbortSignal): Promise<string[]> {
    const paging = { page_no: String(page), page_size: String(this.config.pageSize), use_has_next: 'true' };
    const list = await this.list(window, paging, signal);
    return (list.trades?.trade ?? []).map(({ tid }) => String(tid));
  }

  /** The list has some fields only; undefined where the trade is gone. */
  async trade(tid: string, signal: AbortSignal): Promise<Trade | undefined> {
    const answer = await this.call<{ trade?: Trade }>(
      'taobao.trade.fullinfo.get',
      { tid, fields: TRADE_FIELDS },
      signal,
    );
    return answer?.trade;
  }

  private async list({ from, to }: TimeWindow, paging: Record<string, string>, signal: AbortSignal) {
    const given = {
      start_modified: toBeijingTime(from),
      end_modified: toBeijingTime(to),
      fields: 'tid,modified',
    };
    const method = 'taobao.trades.sold.increment.get';
    return (await this.call<TradeList>(method, { ...given, ...paging }, signal)) ?? {};
  }

  /** @returns what the answer wraps; undefined where the thing that was asked for does not exist */
  private call<T>(
    method: string,
    parameters: Record<string, string>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    return this.calls.call(async (ending) => {
      const body = new URLSearchParams(this.signed(method, parameters));
      const { status, text } = await sendHttp({ method: 'POST', url: this.config.url, body }, ending);
      if (status !== 200) throw new FatalError(`${method} answered ${status}.`);
      const answer = parseExactJson(method, text) as Record<string, unknown>;
      if (answer.error_response) return refused(method, answer.error_response as GatewayError);
      return answer[`${method.replace('taobao.', '').replaceAll('.', '_')}_response`] as T;
    }, signal);
  }

  /** Anew for each try: the timestamp may be ten minutes off at most. */
  private signed(method: string, parameters: Record<string, string>): Record<string, string> {
    const { appKey, appSecret, session } = this.config;
    const all = {
      ...parameters,
      method,
      app_key: appKey,
      session,
      timestamp: toBeijingTime(new Date()),
      v: '2.0',
      format: 'json',
      sign_method: 'hmac-sha256',
    };
    return { ...all, sign: topSign(all, appSecret) };
  }
}

/** Too many calls of the app. */
const CALL_LIMITED = 7;
const INVALID_TIMESTAMP = 31;

/** Errors come with HTTP 200. The codes are from memory, not verified; `isp.` marks a failure on the platform's side. */
function refused(method: string, { code, msg, sub_code = '' }: GatewayError): undefined {
  if (sub_code === 'isv.trade-not-exist') return undefined;
  const what = `${method}: ${code} ${msg}${sub_code && ` (${sub_code})`}`;
  if (code === CALL_LIMITED || sub_code.startsWith('isp.')) throw new RetriableError(`${what}.`);
  if (code === INVALID_TIMESTAMP)
    throw new FatalError(`${what}: the clock of this machine is more than 10 minutes off; set it right.`);
  throw new FatalError(`${what}.`);
}
