import { FatalError, PacedCalls, RetriableError, sendHttp } from '../spi/index.ts';
import type { TrytonConfig } from './config.ts';
import { plain } from './values.ts';

/** Sessions are shared by calls, and each call holds a connection of the database. */
const CONCURRENCY = 4;

/** Exceptions that pass by themselves: rows that others hold, a database that is restarted. */
const PASSING =
  /^(ConcurrencyException|DatabaseOperationalError|OperationalError|DatabaseTimeoutError)$|locked/;

/**
 * Inactive records are found too. Asking for them by `active` in the domain is not enough: beside an OR, which is a domain
 * of its own, they are left out all the same.
 */
const CONTEXT = { active_test: false };

/** A record as it is read, by `plain`. */
export interface Row {
  id: number;
  [field: string]: unknown;
}

/** As Tryton writes conditions, nested lists. */
export type Domain = unknown[];

/** Calls by JSON-RPC, and what their failures mean. */
export class TrytonClient {
  private readonly calls: PacedCalls;
  private session: Promise<string> | undefined;

  constructor(private readonly config: TrytonConfig) {
    const timeoutMs = config.timeoutSeconds * 1000;
    this.calls = new PacedCalls({ concurrency: CONCURRENCY, timeoutMs, retryAfterMs: 300 });
  }

  /** Records that meet a domain, inactive ones too, at most `limit`, in an order such as `[['id', 'ASC']]`. */
  async searchRead(
    model: string,
    {
      domain,
      limit,
      order,
      fields,
    }: { domain: Domain; limit: number; order: [string, string][]; fields: string[] },
    signal: AbortSignal,
  ): Promise<Row[]> {
    return (await this.call(
      `model.${model}.search_read`,
      [domain, 0, limit, order, fields],
      signal,
    )) as Row[];
  }

  /** Every list of parameters ends with a context. A session that has ended is renewed once. */
  private call(method: string, params: unknown[], signal: AbortSignal): Promise<unknown> {
    return this.calls.call(async (ending) => {
      const session = await this.sessionFor(ending);
      try {
        return await this.post(method, [...params, CONTEXT], ending, session);
      } catch (error) {
        if (!isRefused(error)) throw error;
        await this.forget(session);
        return this.post(method, [...params, CONTEXT], ending, await this.sessionFor(ending));
      }
    }, signal);
  }

  /** Calls that come while one logs in wait for the same session. */
  private async sessionFor(signal: AbortSignal): Promise<string> {
    const begun = (this.session ??= this.login(signal));
    try {
      return await begun;
    } catch (error) {
      if (this.session === begun) this.session = undefined;
      // The call that has begun to log in was given up: that is not the fault of those who wait for it.
      signal.throwIfAborted();
      if (error instanceof FatalError || error instanceof RetriableError) throw error;
      throw new RetriableError('Logging in was broken off.', { cause: error });
    }
  }

  /** Only if it is still the one in use: another call may have renewed it already. */
  private async forget(session: string): Promise<void> {
    const current = this.session;
    if (current && (await current.catch(() => session)) === session && this.session === current)
      this.session = undefined;
  }

  private async login(signal: AbortSignal): Promise<string> {
    const { user, password } = this.config;
    const [id, key] = (await this.post('common.db.login', [user, { password }, 'en'], signal).catch(
      (error: unknown) => {
        throw isRefused(error) ? new FatalError('Tryton refuses user and password.') : error;
      },
    )) as [number, string];
    return Buffer.from(`${user}:${id}:${key}`).toString('base64');
  }

  private async post(
    method: string,
    params: unknown[],
    signal: AbortSignal,
    session?: string,
  ): Promise<unknown> {
    const answer = await sendHttp(
      {
        method: 'POST',
        url: `${this.config.url.replace(/\/+$/, '')}/${this.config.database}/`,
        headers: {
          'content-type': 'application/json',
          ...(session === undefined ? {} : { authorization: `Session ${session}` }),
        },
        body: JSON.stringify({ id: 1, method, params }),
      },
      signal,
    );
    if (answer.status !== 200) throw new FatalError(`${method} answered ${answer.status}.`);
    return resultOf(method, answer.text);
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof FatalError && (error.cause as { status?: number } | undefined)?.status === 401;
}

/** Business refusals come with status 200: `{"error": [exception, arguments]}`. */
function resultOf(method: string, text: string): unknown {
  let body: { result?: unknown; error?: [string, unknown] };
  try {
    body = JSON.parse(text) as typeof body;
  } catch (error) {
    throw new RetriableError(`${method} answered what is no JSON.`, { cause: error });
  }
  if (body.error === undefined) return plain(body.result);
  const [exception, details] = body.error;
  if (exception === 'LoginException')
    throw new FatalError('Tryton wants more than a password of this user; give it another one.');
  const said = Array.isArray(details) && typeof details[0] === 'string' ? `: ${details[0]}` : '';
  const sentence = `${method} was refused with ${exception}${said}`;
  if (PASSING.test(exception)) throw new RetriableError(sentence);
  throw new FatalError(sentence);
}
