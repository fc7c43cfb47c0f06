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
import type { JdConfig } from './config.ts';
import { jdSign } from './sign.ts';

/** Limits are not documented where we could read them: gently. */
const PACE: Pace = {
  concurrency: 2,
  rate: { calls: 10, perMs: 1_000 },
  timeoutMs: 20_000,
  retryAfterMs: 200,
};

const METHOD = 'jingdong.pop.order.search';
/** Beyond these the search gives ids only; names not verified. */
const OPTIONAL_FIELDS =
  'orderId,orderState,orderStartTime,modified,orderPayment,consigneeInfo,itemInfoList,open_id_buyer';

/** An order as JD has it; numbers of more than 15 digits are text. */
export type JdOrder = Record<string, unknown> & { orderId: string | number };

export interface JdOrders {
  orderTotal: number;
  orderInfoList?: JdOrder[];
}

/** A failure, of the gateway or of the search behind it. */
interface JdFailure {
  code: string;
  description: string;
}

/** The calls that are made of the gateway, and what their failures mean. */
export class JdClient {
  private readonly calls = new PacedCalls(PACE);

  constructor(private readonly config: JdConfig) {}

  /** Orders that changed in the window, in pages numbered from 1. @throws RetriableError, FatalError */
  search({ from, to }: TimeWindow, page: number, signal: AbortSignal): Promise<JdOrders> {
    const parameters = {
      start_date: toBeijingTime(from),
      end_date: toBeijingTime(to),
      // By time of change, ascending; both from memory, not verified.
      dateType: 0,
      sortType: 0,
      optional_fields: OPTIONAL_FIELDS,
      page: String(page),
      page_size: String(this.config.pageSize),
    };
    return this.calls.call(async (ending) => {
      const url = new URL(this.config.url);
      const body = new URLSearchParams(this.signed(JSON.stringify(parameters)));
      const { status, text } = await sendHttp({ method: 'POST', url, body }, ending);
      if (status !== 200) throw new FatalError(`${METHOD} answered ${status}.`);
      return ordersOf(parseExactJson(METHOD, text) as Record<string, unknown>);
    }, signal);
  }

  /** Anew for each try: the timestamp may be six minutes off at most. */
  private signed(parameters: string): Record<string, string> {
    const { appKey, appSecret, accessToken } = this.config;
    const all = {
      method: METHOD,
      app_key: appKey,
      access_token: accessToken,
      timestamp: toBeijingTime(new Date()),
      v: '2.0',
      '360buy_param_json': parameters,
    };
    return { ...all, sign: jdSign(all, appSecret) };
  }
}

/** "responce" is how the platform spells it. */
const ANSWER = `${METHOD.replaceAll('.', '_')}_responce`;

/** Errors come with HTTP 200, at three depths. */
function ordersOf(answer: Record<string, unknown>): JdOrders {
  const gateway = answer.error_response as Record<string, string> | undefined;
  if (gateway) refuse({ code: String(gateway.code), description: gateway.en_desc ?? gateway.zh_desc ?? '' });
  const inner = answer[ANSWER] as { code?: string | number; searchorderinfo_result?: unknown } | undefined;
  if (!inner) throw new FatalError(`${METHOD} answers without ${ANSWER}.`);
  if (String(inner.code ?? '0') !== '0') refuse({ code: String(inner.code), description: '' });
  const result = unpacked(inner.searchorderinfo_result) as JdOrders & {
    apiResult?: { success: boolean; errorCode?: string; englishErrCode?: string };
  };
  const { apiResult } = result;
  if (apiResult?.success === false)
    refuse({ code: String(apiResult.errorCode), description: apiResult.englishErrCode ?? '' });
  return result;
}

/** Inner results may be JSON, or JSON inside a text. */
function unpacked(value: unknown): unknown {
  return typeof value === 'string' ? parseExactJson(`The result of ${METHOD}`, value) : value;
}

/** Too many calls, and a service that is down; numbers from memory, not verified. */
const PASSING = new Set(['7', '10']);

function refuse({ code, description }: JdFailure): never {
  const what = `${METHOD}: ${code} ${description}`.trim();
  if (PASSING.has(code)) throw new RetriableError(`${what}.`);
  if (/timestamp|时间戳/i.test(description))
    throw new FatalError(`${what}: the clock of this machine is more than 6 minutes off; set it right.`);
  throw new FatalError(`${what}.`);
}
