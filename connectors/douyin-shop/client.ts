import {
  ExpiringToken,
  FatalError,
  PacedCalls,
  parseExactJson,
  RetriableError,
  sendHttp,
  toBeijingTime,
  type GivenToken,
  type Pace,
  type TimeWindow,
} from '../spi/index.ts';
import type { DouyinConfig } from './config.ts';
import { douyinSign, sortedJson } from './sign.ts';

/** Limits are not documented where we could read them: gently. */
const PACE: Pace = {
  concurrency: 2,
  rate: { calls: 10, perMs: 1_000 },
  timeoutMs: 20_000,
  retryAfterMs: 200,
};

/** An order as the platform has it; numbers of more than 15 digits are text. */
export type DouyinOrder = Record<string, unknown> & { order_id: string | number };

export interface DouyinOrders {
  total: number;
  shop_order_list?: DouyinOrder[];
}

interface Answer {
  code?: number;
  err_no?: number;
  message?: string;
  msg?: string;
  sub_code?: string;
  data?: unknown;
}

/** The calls that are made of the gateway, and what their failures mean. */
export class DouyinClient {
  private readonly calls = new PacedCalls(PACE);
  private readonly token = new ExpiringToken((signal) => this.newToken(signal));

  constructor(private readonly config: DouyinConfig) {}

  /** Orders that changed in the window, in pages numbered from 0. @throws RetriableError, FatalError */
  search({ from, to }: TimeWindow, page: number, signal: AbortSignal): Promise<DouyinOrders> {
    const parameters = {
      update_time_start: from.getTime() / 1000,
      update_time_end: to.getTime() / 1000,
      order_by: 'update_time',
      order_asc: true,
      page,
      size: this.config.pageSize,
    };
    return this.authorised<DouyinOrders>('order.searchList', parameters, signal);
  }

  /** Method and field are from memory, not verified. */
  async order(id: string, signal: AbortSignal): Promise<DouyinOrder | undefined> {
    const answer = await this.authorised<{ shop_order_detail?: DouyinOrder } | undefined>(
      'order.orderDetail',
      { shop_order_id: id },
      signal,
    );
    return answer?.shop_order_detail;
  }

  private authorised<T>(
    method: string,
    parameters: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<T> {
    return this.calls.call(async (ending) => {
      const token = await this.token.value(ending);
      const answer = await this.send(method, parameters, token, ending);
      if (isTokenRefused(answer) && (await this.token.refused(token)))
        throw new RetriableError(`${method}: the token has ended.`);
      return dataOf(method, answer) as T;
    }, signal);
  }

  /** For an app of the shop's own (authorization_self); the names of the fields are not verified. */
  private async newToken(signal: AbortSignal): Promise<GivenToken> {
    const parameters = { code: '', grant_type: 'authorization_self', shop_id: this.config.shopId };
    const data = dataOf('token.create', await this.send('token.create', parameters, '', signal));
    const { access_token, expires_in } = data as { access_token: string; expires_in: number };
    return { value: access_token, expiresInMs: expires_in * 1000 };
  }

  private async send(
    method: string,
    parameters: Record<string, unknown>,
    token: string,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { url: base, appKey, appSecret } = this.config;
    const paramJson = sortedJson(parameters);
    const timestamp = toBeijingTime(new Date());
    const sign = douyinSign({ appKey, method, paramJson, timestamp }, appSecret);
    const url = new URL(`/${method.replaceAll('.', '/')}`, base);
    url.search = new URLSearchParams({
      app_key: appKey,
      method,
      timestamp,
      v: '2',
      sign_method: 'hmac-sha256',
      sign,
      ...(token && { access_token: token }),
    }).toString();
    const headers = { 'content-type': 'application/json' };
    const { status, text } = await sendHttp({ method: 'POST', url, headers, body: paramJson }, signal);
    if (status !== 200) throw new FatalError(`${method} answered ${status}.`);
    return parseExactJson(method, text) as Answer;
  }
}

const isGood = ({ code, err_no }: Answer) => code === 10_000 || err_no === 0;

/** From memory, not verified. */
const isTokenRefused = ({ sub_code = '' }: Answer) => sub_code.startsWith('isv.access-token');

/** Too many calls, a busy or a failing service; from memory, not verified. */
const PASSING = new Set([20_000, 80_000, 90_000]);

function dataOf(method: string, answer: Answer): unknown {
  if (isGood(answer)) return answer.data;
  const { code = answer.err_no, message = answer.msg ?? '', sub_code = '' } = answer;
  const what = `${method}: ${code} ${message} ${sub_code}`.trim();
  if (PASSING.has(Number(code)) || sub_code.startsWith('isp.')) throw new RetriableError(`${what}.`);
  if (/timestamp/i.test(sub_code + message))
    throw new FatalError(`${what}: the clock of this machine is more than 10 minutes off; set it right.`);
  throw new FatalError(`${what}.`);
}
