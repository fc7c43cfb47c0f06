import { z } from 'zod';
import { FatalError, PacedCalls, sendHttp, type HttpAnswer, type HttpRequest } from '../spi/index.ts';
import type { MedusaConfig } from './config.ts';

export interface MedusaAnswer<Data> {
  data: Data;
  /** The shop's clock, in whole seconds. */
  at: Date;
}

/** Parameters of a call; a list is written as `name[]`. */
export type MedusaQuery = Record<string, string | number | readonly string[]>;

const refusalSchema = z.object({ message: z.string(), type: z.string().optional() });

/** Calls of the Admin API (https://docs.medusajs.com/api/admin), at the pace of the source. */
export class MedusaClient {
  private readonly calls: PacedCalls;

  constructor(private readonly config: MedusaConfig) {
    const { concurrency, callsPerSecond, timeoutMs, retryAfterMs } = config.pace;
    const rate = { calls: callsPerSecond, perMs: 1_000 };
    this.calls = new PacedCalls({ concurrency, rate, timeoutMs, retryAfterMs });
  }

  /**
   * @param path below /admin
   * @param shape of the answer
   * @throws RetriableError, FatalError
   */
  get<Data>(path: string, query: MedusaQuery, shape: z.ZodType<Data>, signal: AbortSignal) {
    return this.turn((calls) => calls.get(path, query, shape), signal);
  }

  /** @throws RetriableError, FatalError */
  async post(path: string, body: unknown, signal: AbortSignal): Promise<void> {
    await this.turn((calls) => calls.post(path, body, z.unknown()), signal);
  }

  /**
   * Runs `work` as one call; it is begun anew where it met trouble that may pass.
   * @throws RetriableError, FatalError
   */
  turn<T>(work: (calls: MedusaCalls) => Promise<T>, signal: AbortSignal): Promise<T> {
    const { url, apiKey } = this.config;
    return this.calls.call((ending) => work(new MedusaCalls(url, apiKey, ending)), signal);
  }
}

/** Calls that are made at once, and once. */
export class MedusaCalls {
  constructor(
    private readonly server: string,
    private readonly apiKey: string,
    private readonly signal: AbortSignal,
  ) {}

  get<Data>(path: string, query: MedusaQuery, shape: z.ZodType<Data>): Promise<MedusaAnswer<Data>> {
    return this.ask({ method: 'GET', url: this.address(path, query) }, shape);
  }

  post<Data>(path: string, body: unknown, shape: z.ZodType<Data>, query: MedusaQuery = {}) {
    return this.ask({ method: 'POST', url: this.address(path, query), body: JSON.stringify(body) }, shape);
  }

  private async ask<Data>(request: HttpRequest, shape: z.ZodType<Data>): Promise<MedusaAnswer<Data>> {
    // The key is the user's name; there is no password.
    const authorization = `Basic ${Buffer.from(`${this.apiKey}:`).toString('base64')}`;
    const headers = { authorization, 'content-type': 'application/json' };
    return answerOf(await sendHttp({ ...request, headers }, this.signal), shape);
  }

  private address(path: string, query: MedusaQuery): URL {
    const url = new URL(`${this.server.replace(/\/+$/, '')}/admin${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (typeof value !== 'object') url.searchParams.set(name, String(value));
      else for (const one of value) url.searchParams.append(`${name}[]`, one);
    }
    return url;
  }
}

function answerOf<Data>({ status, text, headers }: HttpAnswer, shape: z.ZodType<Data>): MedusaAnswer<Data> {
  const body = parsed(status, text);
  if (status >= 400) throw refusalOf(status, body);
  return { data: shapedAs(shape, body), at: new Date(headers.get('date') ?? Date.now()) };
}

/** @throws FatalError naming the field that is otherwise */
export function shapedAs<Data>(shape: z.ZodType<Data>, body: unknown): Data {
  const shaped = shape.safeParse(body);
  if (shaped.success) return shaped.data;
  const [issue] = shaped.error.issues;
  throw new FatalError(
    `The Admin API answered otherwise than Medusa 2: ${issue?.path.join('.')}: ${issue?.message}.`,
  );
}

function parsed(status: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FatalError(`The address answered ${status} with something that is no JSON: is it Medusa?`);
  }
}

function refusalOf(status: number, body: unknown): FatalError {
  const said = refusalSchema.safeParse(body);
  if (!said.success) return new FatalError(`Medusa answered ${status}.`);
  const { message, type = 'without a type' } = said.data;
  return new FatalError(`Medusa answered ${status}, ${type}: ${message.slice(0, 300)}`);
}
