import { FatalError, PacedCalls, parseExactJson, RetriableError, sendHttp, type Pace } from '../spi/index.ts';
import type { Kuaidi100Config } from './config.ts';
import { querySign } from './sign.ts';

/** How many queries a second an account may make is not documented: gently. */
const PACE: Pace = {
  concurrency: 2,
  rate: { calls: 5, perMs: 1_000 },
  timeoutMs: 20_000,
  retryAfterMs: 200,
};

/** One step of a parcel. */
export interface Step {
  /** `yyyy-MM-dd HH:mm:ss`, in Beijing time. */
  ftime?: string;
  time?: string;
  context?: string;
  location?: string;
  areaName?: string;
  /** See `statuses.ts`. */
  statusCode?: string;
}

/** The state of a parcel; the steps oldest first. */
export interface Track {
  /** Of the parcel as a whole; see `statuses.ts`. */
  state?: string;
  data: Step[];
}

interface Answer extends Partial<Track> {
  /** 200 where there is a track. */
  status?: string;
  /** Instead of it where there is none. */
  returnCode?: string;
  message?: string;
}

/** The query of one parcel, and what its failures mean (api.kuaidi100.com/document/5f0ffb5ebc8da837cbd8aefc). */
export class Kuaidi100Client {
  private readonly calls = new PacedCalls(PACE);

  constructor(private readonly config: Kuaidi100Config) {}

  /**
   * @param com Kuaidi100's code of the carrier
   * @param phone the last four digits, which some carriers want
   * @returns undefined where nothing is known of the parcel, or its carrier wants another phone
   * @throws RetriableError, FatalError
   */
  query(
    com: string,
    num: string,
    phone: string | undefined,
    signal: AbortSignal,
  ): Promise<Track | undefined> {
    const { url: base, key, customer } = this.config;
    // 4: each step has its own status. Signed exactly as it is sent.
    const param = JSON.stringify({ com, num, ...(phone && { phone }), resultv2: '4', order: 'asc' });
    const body = new URLSearchParams({ customer, sign: querySign(param, key, customer), param });
    const url = new URL('/poll/query.do', base);
    return this.calls.call(async (ending) => {
      const { status, text } = await sendHttp({ method: 'POST', url, body }, ending);
      if (status !== 200) throw new FatalError(`${url.pathname} answered ${status}.`);
      return trackOf(parseExactJson(url.pathname, text) as Answer);
    }, signal);
  }
}

/** No result (yet); a phone that is missing or wrong: of this parcel only. */
const UNKNOWN = new Set(['500', '408']);
/** The service has trouble, or is busy. */
const PASSING = new Set(['501', '502']);

/** Errors come with HTTP 200. */
function trackOf({ status, returnCode, message = '', state, data = [] }: Answer): Track | undefined {
  const code = String(returnCode ?? status);
  if (code === '200') return { ...(state !== undefined && { state }), data };
  if (UNKNOWN.has(code)) return undefined;
  const what = `Kuaidi100: ${code} ${message.slice(0, 80)}`.trim();
  throw PASSING.has(code) ? new RetriableError(`${what}.`) : new FatalError(`${what}.`);
}
