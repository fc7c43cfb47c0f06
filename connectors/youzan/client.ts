import {
  ExpiringToken,
  FatalError,
  PacedCalls,
  parseExactJson,
  RetriableError,
  sendHttp,
  toBeijingTime,
  type GivenToken,
  type TimeWindow,
} from '../spi/index.ts';
import type { YouzanConfig } from './config.ts';

/** An order as Youzan has it; numbers of more than 15 digits are text. */
export interface YouzanOrder {
  full_order_info: { order_info: { tid: string } } & Record<string, unknown>;
  [field: string]: unknown;
}

export interface YouzanOrders {
  /** Of all pages. */
  total_results: number;
  full_order_info_list?: YouzanOrder[];
}

/** An answer of the business behind the gateway, of the gateway itself, or of `/auth/token`. */
interface Answer {
  code?: number | string;
  success?: boolean;
  message?: string;
  data?: unknown;
  gw_err_resp?: { err_code: number; err_msg?: string };
}

interface Failure {
  code: number;
  message: string;
}

/** The versions are those whose layout the mapping is for. */
const LIST = 'youzan.trades.sold.get/4.0.4';
const ORDER = 'youzan.trade.get/4.0.2';

/** A token that ends sooner than this is replaced: asked for again, it would be given as it is. */
const SOON_MS = 3_600_000;

/** The calls that are made of the API, and what their failures mean (doc.youzanyun.com, resource/doc/3027). */
export class YouzanClient {
  private readonly calls: PacedCalls;
  private readonly token = new ExpiringToken((signal) => this.newToken(signal));

  constructor(private readonly config: YouzanConfig) {
    // What calls of orders are allowed is not documented: gently. Waits double, as the page on limits wants it.
    this.calls = new PacedCalls({
      concurrency: 2,
      rate: { calls: 10, perMs: 1_000 },
      timeoutMs: 20_000,
      retryAfterMs: config.throttledWaitMs,
    });
  }

  /** Orders that changed in the window, in pages numbered from 1. @throws RetriableError, FatalError */
  async changed({ from, to }: TimeWindow, page: number, signal: AbortSignal): Promise<YouzanOrders> {
    const parameters = {
      start_update: toBeijingTime(from),
      end_update: toBeijingTime(to),
      page_no: page,
      page_size: this.config.pageSize,
    };
    return dataOf(LIST, await this.call(LIST, parameters, signal));
  }

  /** Undefined where the shop has no such order. */
  async order(tid: string, signal: AbortSignal): Promise<YouzanOrder | undefined> {
    const answer = await this.call(ORDER, { tid }, signal);
    return isUnknownOrder(answer) ? undefined : dataOf(ORDER, answer);
  }

  private call(api: string, parameters: unknown, signal: AbortSignal): Promise<Answer> {
    return this.calls.call(async (ending) => {
      const token = await this.token.value(ending);
      const url = new URL(`/api/${api}`, this.config.url);
      url.searchParams.set('access_token', token);
      const answer = await posted(url, parameters, ending);
      const failure = failureOf(answer);
      if (failure && TOKEN_REFUSED.has(failure.code) && (await this.token.refused(token)))
        throw new RetriableError(`${api}: the token has ended.`);
      return answer;
    }, signal);
  }

  private async newToken(signal: AbortSignal): Promise<GivenToken> {
    const given = await this.askToken(false, signal);
    return given.expiresInMs > SOON_MS ? given : this.askToken(true, signal);
  }

  /** @param refresh whether another one is wanted although the present one has not ended */
  private async askToken(refresh: boolean, signal: AbortSignal): Promise<GivenToken> {
    const { url, clientId, clientSecret, kdtId } = this.config;
    const parameters = {
      client_id: clientId,
      client_secret: clientSecret,
      authorize_type: 'silent',
      grant_id: kdtId,
      refresh,
    };
    const answer = await posted(new URL('/auth/token', url), parameters, signal);
    const { access_token, expires } = dataOf<{ access_token: string; expires: number }>('auth/token', answer);
    return { value: access_token, expiresInMs: expires - Date.now() };
  }
}

/** @throws RetriableError, FatalError; other failures of the API's own stand in the answer */
async function posted(url: URL, parameters: unknown, signal: AbortSignal): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', url, headers, body: JSON.stringify(parameters) } as const;
  const { status, text } = await sendHttp(request, signal);
  if (status !== 200) throw new FatalError(`${url.pathname} answered ${status}.`);
  const answer = parseExactJson(url.pathname, text) as Answer;
  const failure = failureOf(answer);
  if (failure && PASSING.has(failure.code)) throw new RetriableError(sentenceOf(url.pathname, failure));
  return answer;
}

/** The token has ended; it does not exist. */
const TOKEN_REFUSED = new Set([4202, 4203]);
/**
 * Too many calls, as the gateway says it and as two kinds of business do (develop-guide/27027/41693); an error that the
 * gateway does not know; a search that took too long.
 */
const PASSING = new Set([4101, 500_100_004, 123_000_042, 5001, 106_000_001, 106_100_118]);

/** Errors come with HTTP 200: of the gateway in `gw_err_resp`, of the business as a code other than 200. */
function failureOf({ gw_err_resp, code, success, message = '' }: Answer): Failure | undefined {
  if (gw_err_resp) return { code: gw_err_resp.err_code, message: gw_err_resp.err_msg ?? '' };
  return Number(code) === 200 && success !== false ? undefined : { code: Number(code), message };
}

/** A wrong number of an order, and one that is no number of Youzan's. */
function isUnknownOrder(answer: Answer): boolean {
  const failure = failureOf(answer);
  return failure?.code === 106_000_004 || (failure?.code === 5000 && failure.message === 'trade not found');
}

function dataOf<T>(api: string, answer: Answer): T {
  const failure = failureOf(answer);
  if (failure) throw new FatalError(sentenceOf(api, failure));
  return answer.data as T;
}

function sentenceOf(api: string, { code, message }: Failure): string {
  return `${`${api}: ${code} ${message.slice(0, 80)}`.trim()}.`;
}
