import { setTimeout as delay } from 'node:timers/promises';
import {
  FatalError,
  PacedCalls,
  parseExactJson,
  PointsBucket,
  RetriableError,
  sendHttp,
  type Pace,
  type PointsStatus,
} from '../spi/index.ts';
import type { ShopifyConfig } from './config.ts';

/** It is points that Shopify counts; one call at a time keeps the estimate of them exact. */
const PACE: Pace = { concurrency: 1, timeoutMs: 60_000, retryAfterMs: 200 };
/** A call that cannot be paid within this time is not waited for by the one that reads. */
const LONGEST_WAIT_MS = 30_000;

interface GraphQlError {
  message: string;
  extensions?: { code?: string };
}

interface Answer {
  data?: Record<string, unknown>;
  errors?: GraphQlError[] | string;
  extensions?: { cost?: { requestedQueryCost: number; throttleStatus: PointsStatus } };
}

/** Calls of the Admin API, paid from the shop's bucket of points. */
export class ShopifyClient {
  private readonly calls = new PacedCalls(PACE);
  private readonly bucket = new PointsBucket();
  /** The cost of each document when it ran last; nothing is known of one that has not been sent. */
  private readonly costs = new Map<string, number>();

  constructor(private readonly config: ShopifyConfig) {}

  /**
   * @param document a query with a name
   * @throws RetriableError, FatalError
   */
  async query<T>(document: string, variables: Record<string, unknown>, signal: AbortSignal): Promise<T> {
    return (await this.calls.call(async (ending) => {
      const cost = this.costs.get(document) ?? 0;
      const claimed = this.bucket.claim(cost);
      let status: PointsStatus | undefined;
      try {
        if (claimed > LONGEST_WAIT_MS)
          throw new RetriableError('The shop has too few points left.', { retryAfterMs: claimed });
        if (claimed > 0) await delay(claimed, undefined, { signal: ending });
        const answer = await this.send(document, variables, ending);
        const paid = answer.extensions?.cost;
        if (paid) this.costs.set(document, paid.requestedQueryCost);
        status = paid?.throttleStatus;
        return dataOf(answer);
      } finally {
        this.bucket.settle(cost, status);
      }
    }, signal)) as T;
  }

  private async send(document: string, variables: unknown, signal: AbortSignal): Promise<Answer> {
    const url = new URL(`/admin/api/${this.config.apiVersion}/graphql.json`, this.config.url);
    const headers = {
      'content-type': 'application/json',
      'x-shopify-access-token': this.config.accessToken,
    };
    const body = JSON.stringify({ query: document, variables });
    const { status, text } = await sendHttp({ method: 'POST', url, headers, body }, signal);
    if (status !== 200) throw new FatalError(`The Admin API answered ${status}; look at url and apiVersion.`);
    return parseExactJson('The Admin API', text) as Answer;
  }
}

/** Errors come with HTTP 200, in a list. That THROTTLED and ACCESS_DENIED are the codes is not verified. */
function dataOf({ data, errors, extensions }: Answer): Record<string, unknown> {
  const list = typeof errors === 'string' ? [{ message: errors }] : (errors ?? []);
  const codes = new Set(list.map((error) => (error as GraphQlError).extensions?.code));
  if (codes.has('THROTTLED'))
    throw new RetriableError('The shop has too few points left.', untilPaid(extensions?.cost));
  if (codes.has('INTERNAL_SERVER_ERROR')) throw new RetriableError('The Admin API has failed.');
  if (list.length > 0 || !data)
    throw new FatalError(`The Admin API refuses the query: ${list[0]?.message ?? 'there is no data'}`);
  return data;
}

function untilPaid(cost: NonNullable<Answer['extensions']>['cost']): { retryAfterMs?: number } {
  if (!cost) return {};
  const { currentlyAvailable, restoreRate } = cost.throttleStatus;
  const missing = Math.max(0, cost.requestedQueryCost - currentlyAvailable);
  return { retryAfterMs: Math.ceil((missing / restoreRate) * 1000) };
}
