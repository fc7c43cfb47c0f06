import { FatalError, PacedCalls, RetriableError, sendHttp, type Pace } from '../spi/index.ts';
import type { SampleApiConfig } from './config.ts';

/** The pace that the API allows: say where it says so. */
const PACE: Pace = {
  concurrency: 4,
  rate: { calls: 10, perMs: 1_000 },
  timeoutMs: 20_000,
  retryAfterMs: 200,
};

/** A person as the API has them; `updated_at` has whole seconds. */
export interface ApiPerson {
  id: string;
  updated_at: string;
  [field: string]: unknown;
}

/** The calls that are made, and what their failures mean. */
export class SampleApiClient {
  private readonly calls = new PacedCalls(PACE);

  constructor(private readonly config: SampleApiConfig) {}

  /** People changed at `since` or later, by (updated_at, id), behind a person of that very instant. */
  async people(since: string, afterId: string, signal: AbortSignal): Promise<ApiPerson[]> {
    const limit = String(this.config.pageSize);
    return this.get<ApiPerson[]>('people', { since, after_id: afterId, limit }, signal);
  }

  async peopleByIds(ids: readonly string[], signal: AbortSignal): Promise<ApiPerson[]> {
    return this.get<ApiPerson[]>('people', { ids: ids.join(',') }, signal);
  }

  private get<T>(path: string, query: Record<string, string>, signal: AbortSignal): Promise<T> {
    const url = new URL(path, `${this.config.url.replace(/\/$/, '')}/`);
    url.search = new URLSearchParams(query).toString();
    const headers = { authorization: `Bearer ${this.config.apiKey}`, accept: 'application/json' };
    return this.calls.call(async (ending) => {
      const { status, text } = await sendHttp({ url, headers }, ending);
      if (status !== 200) throw new FatalError(`GET ${path} answered ${status}.`);
      return parsed<T>(path, text);
    }, signal);
  }
}

/** Many APIs answer 200 with an error inside; this is where to look at it. */
function parsed<T>(path: string, text: string): T {
  let body: { data?: T; error?: { code: string } };
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    throw new RetriableError(`GET ${path} answered what is no JSON.`);
  }
  if (body.error?.code === 'busy') throw new RetriableError(`GET ${path}: the source is busy.`);
  if (body.error || body.data === undefined)
    throw new FatalError(`GET ${path}: ${body.error?.code ?? 'no data'}.`);
  return body.data;
}
