import { z } from 'zod';
import { FatalError, PacedCalls, RetriableError, sendHttp } from '../spi/index.ts';
import type { VendureConfig } from './config.ts';

export interface VendureAnswer<Data> {
  data: Data;
  /** The shop's clock, in whole seconds. */
  at: Date;
}

const answerSchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }).partial().optional() }))
    .optional(),
});

/** Single calls of the Admin API. */
export interface VendureCalls {
  /**
   * @param shape of the data that is asked for
   * @throws RetriableError, FatalError
   */
  ask<Data>(
    query: string,
    variables: Record<string, unknown>,
    shape: z.ZodType<Data>,
    signal: AbortSignal,
  ): Promise<VendureAnswer<Data>>;
}

/** Calls of the Admin API, at the pace of the source. */
export class VendureClient implements VendureCalls {
  private readonly calls: PacedCalls;

  constructor(private readonly config: VendureConfig) {
    const { concurrency, callsPerSecond, timeoutMs, retryAfterMs } = config.pace;
    const rate = { calls: callsPerSecond, perMs: 1_000 };
    this.calls = new PacedCalls({ concurrency, rate, timeoutMs, retryAfterMs });
  }

  async ask<Data>(
    query: string,
    variables: Record<string, unknown>,
    shape: z.ZodType<Data>,
    signal: AbortSignal,
  ): Promise<VendureAnswer<Data>> {
    return this.turn((calls, ending) => calls.ask(query, variables, shape, ending), signal);
  }

  /**
   * Several calls that belong together, as one of the pace: within its limit of time, and begun anew as a whole where
   * trouble may pass.
   */
  async turn<T>(
    work: (calls: VendureCalls, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const once: VendureCalls = {
      ask: async (query, variables, shape, ending) =>
        answerOf(await this.send(JSON.stringify({ query, variables }), ending), shape),
    };
    return this.calls.call((ending) => work(once, ending), signal);
  }

  private send(body: string, signal: AbortSignal) {
    const { url, apiKey, channelToken } = this.config;
    const headers = {
      'content-type': 'application/json',
      'vendure-api-key': apiKey,
      ...(channelToken === undefined ? {} : { 'vendure-token': channelToken }),
    };
    return sendHttp({ method: 'POST', url, headers, body }, signal);
  }
}

/** Errors come with HTTP 200 and a code; some, of the request itself, with 400. */
function answerOf<Data>(
  { status, text, headers }: Awaited<ReturnType<typeof sendHttp>>,
  shape: z.ZodType<Data>,
): VendureAnswer<Data> {
  const { data, errors } = parsed(status, text);
  const [error] = errors ?? [];
  if (error) throw errorOf(error.message, error.extensions?.code);
  if (!data) throw new FatalError(`The Admin API answered ${status} without data.`);
  const shaped = shape.safeParse(data);
  const at = new Date(headers.get('date') ?? Date.now());
  if (shaped.success) return { data: shaped.data, at };
  const [issue] = shaped.error.issues;
  throw new FatalError(
    `The Admin API answered otherwise than Vendure 3: ${issue?.path.join('.')}: ${issue?.message}.`,
  );
}

function parsed(status: number, text: string): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch {
    throw new FatalError(
      `The address answered ${status} with something that is no GraphQL: is it the Admin API?`,
    );
  }
}

function errorOf(message: string, code = 'without a code'): Error {
  if (code === 'FORBIDDEN' || code === 'UNAUTHENTICATED')
    return new FatalError(`Vendure says ${code}: the API key is refused, or its role lacks a right.`);
  const says = `Vendure says ${code}: ${message.slice(0, 300)}`;
  // A defect or a database that is away looks like this; a wrong request has another code.
  return code === 'INTERNAL_SERVER_ERROR' ? new RetriableError(says) : new FatalError(says);
}
