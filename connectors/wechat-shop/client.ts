import {
  ExpiringToken,
  FatalError,
  PacedCalls,
  parseExactJson,
  RetriableError,
  sendHttp,
  type GivenToken,
  type Pace,
  type TimeWindow,
} from '../spi/index.ts';
import type { WechatConfig } from './config.ts';

/** How many calls a second a shop may make is not documented where we could read it; WeChat says when it is too much. */
const PACE: Pace = { concurrency: 4, timeoutMs: 20_000, retryAfterMs: 200 };

/** A page of ids, and where the next begins. */
export interface IdPage {
  ids: string[];
  /** Empty where there is no next one. */
  nextKey: string;
}

type Answer = Record<string, unknown> & { errcode?: number; errmsg?: string };
/** A thing as WeChat has it; numbers of more than 15 digits are text. */
export type WechatObject = Record<string, unknown>;

/** The calls that are made of the API, and what their failures mean. */
export class WechatClient {
  private readonly calls = new PacedCalls(PACE);
  private readonly token = new ExpiringToken((signal) => this.newToken(signal));

  constructor(private readonly config: WechatConfig) {}

  /** Ids of orders that changed in a window of 7 days at most; `nextKey` is empty for the first page. */
  async orders(window: TimeWindow, nextKey: string, signal: AbortSignal): Promise<IdPage> {
    const body = {
      update_time_range: { start_time: unix(window.from), end_time: unix(window.to) },
      page_size: this.config.pageSize,
      next_key: nextKey,
    };
    return idPage(await this.post('/channels/ec/order/list/get', body, signal), 'order_id_list');
  }

  /** Ids of after-sales that changed in a window of 24 hours at most. */
  async afterSales(window: TimeWindow, nextKey: string, signal: AbortSignal): Promise<IdPage> {
    const body = {
      begin_update_time: unix(window.from),
      end_update_time: unix(window.to),
      next_key: nextKey,
    };
    const answer = await this.post('/channels/ec/aftersale/getaftersalelist', body, signal);
    return idPage(answer, 'after_sale_order_id_list');
  }

  /** Path and field are from memory, not verified. Undefined where it is gone. */
  async order(id: string, signal: AbortSignal): Promise<WechatObject | undefined> {
    return (await this.post('/channels/ec/order/get', { order_id: id }, signal)).order as WechatObject;
  }

  /** The field is from memory, not verified. Undefined where it is gone. */
  async afterSale(id: string, signal: AbortSignal): Promise<WechatObject | undefined> {
    const path = '/channels/ec/aftersale/getaftersaleorder';
    return (await this.post(path, { after_sale_order_id: id }, signal)).after_sale_order as WechatObject;
  }

  private post(path: string, body: unknown, signal: AbortSignal): Promise<Answer> {
    return this.calls.call(async (ending) => {
      const token = await this.token.value(ending);
      const url = new URL(path, this.config.url);
      url.searchParams.set('access_token', token);
      const headers = { 'content-type': 'application/json' };
      const answer = await sent({ method: 'POST', url, headers, body: JSON.stringify(body) }, path, ending);
      if (TOKEN_REFUSED.has(Number(answer.errcode)) && (await this.token.refused(token)))
        throw new RetriableError(`${path}: the token has ended.`);
      return accepted(path, answer);
    }, signal);
  }

  /** From memory, not verified. */
  private async newToken(signal: AbortSignal): Promise<GivenToken> {
    const path = '/cgi-bin/token';
    const url = new URL(path, this.config.url);
    const { appId: appid, appSecret: secret } = this.config;
    url.search = new URLSearchParams({ grant_type: 'client_credential', appid, secret }).toString();
    const answer = accepted(path, await sent({ url }, path, signal));
    return { value: String(answer.access_token), expiresInMs: Number(answer.expires_in) * 1000 };
  }
}

async function sent(
  request: Parameters<typeof sendHttp>[0],
  path: string,
  signal: AbortSignal,
): Promise<Answer> {
  const { status, text } = await sendHttp(request, signal);
  if (status !== 200) throw new FatalError(`${path} answered ${status}.`);
  return parseExactJson(path, text) as Answer;
}

/** Numbers from memory, not verified: the token is wrong or has ended; busy, too often; there is no such order. */
const TOKEN_REFUSED = new Set([40_001, 40_014, 42_001]);
const PASSING = new Set([-1, 45_009, 45_011]);
const GONE = new Set([10_020_050, 10_020_098]);

/** Errors come with HTTP 200. What is gone is an answer without the thing. */
function accepted(path: string, answer: Answer): Answer {
  const { errcode = 0, errmsg = '' } = answer;
  if (errcode === 0) return answer;
  if (GONE.has(errcode)) return {};
  // errmsg may quote what was sent: its first words say enough.
  const what = `${path}: ${errcode} ${errmsg.split(/[,;:]| rid/)[0]!.slice(0, 80)}`.trim();
  throw PASSING.has(errcode) ? new RetriableError(`${what}.`) : new FatalError(`${what}.`);
}

/** Ids are numbers in some answers and texts in others. */
function idPage(answer: Answer, list: string): IdPage {
  const ids = ((answer[list] as (string | number)[] | undefined) ?? []).map(String);
  const isEnd = answer.has_more === false || ids.length === 0;
  return { ids, nextKey: isEnd ? '' : String(answer.next_key ?? '') };
}

const unix = (instant: Date) => Math.floor(instant.getTime() / 1000);
