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
  private readonly authorization: string;

  constructor(private readonly config: MedusaConfig) {
    const { concurrency, callsPerSecond, timeoutMs, retryAfterMs } = config.pace;
    const rate = { calls: callsPerSecond, perMs: 1_000 };
    this.calls = new PacedCalls({ concurrency, rate, timeoutMs, retryAfterMs });
    // The key is the user's name; there is no password.
    this.authorization = `Basic ${Buffer.from(`${config.apiKey}:`).toString('base64')}`;
  }

  /**
   * @param path below /admin
   * @param shape of the answer
   * @throws RetriableError, FatalError
   */
  get<Data>(path: string, query: MedusaQuery, shape: z.ZodType<Data>, signal: AbortSignal) {
    return this.ask({ method: 'GET', url: this.address(path, query) }, shape, signal);
  }

  /** @throws RetriableError, FatalError */
  async post(path: string, body: unknown, signal: AbortSignal): Promise<void> {
    const request = { method: 'POST' as const, url: this.address(path, {}), body: JSON.stringify(body) };
    await this.ask(request, z.unknown(), signal);
  }

  private ask<Data>(
    request: HttpRequest,
    shape: z.ZodType<Data>,
    signal: AbortSignal,
  ): Promise<MedusaAnswer<Data>> {
    const headers = { authorization: this.authorization, 'content-type': 'application/json' };
    return this.calls.call(
      async (ending) => answerOf(await sendHttp({ ...request, headers }, ending), shape),
      signal,
    );
  }

  private address(path: string, query: MedusaQuery): URL {
    const url = new URL(`${this.config.url.replace(/\/+$/, '')}/admin${path}`);
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
