import { SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import { FatalError, RetriableError } from './errors.ts';

export interface HttpRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  url: string | URL;
  headers?: Record<string, string>;
  body?: string | URLSearchParams | Uint8Array;
}

export interface HttpAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** Larger answers are refused: a page that does not fit is asked for in a wrong size. */
const MAX_ANSWER_CHARS = 64 * 1024 * 1024;
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Sends a request and sorts its failures: what may pass (no connection, 408, 429, 5xx; with the wait that the source asks
 * for) and what does not (401, 403, a redirect). Other answers, 400 and 404 among them, are given back: what they mean,
 * the connector knows. Errors name address and status, never headers, query or body, which may hold secrets.
 * @throws RetriableError, FatalError (that of a 401 or 403 has `{ status }` as its cause)
 */
export async function sendHttp(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const { method = 'GET' } = request;
  const url = new URL(request.url);
  const where = `${method} ${url.origin}${url.pathname}`;
  const { status, headers, text } = await traced(method, url, (propagated) =>
    exchange(where, url, { ...request, method, headers: { ...request.headers, ...propagated } }, signal),
  );
  if (PASSING.has(status)) throw new RetriableError(`${where} answered ${status}.`, waitOf(headers));
  if (status === 401 || status === 403)
    throw new FatalError(`${where} answered ${status}: the credentials are refused, or lack a right.`, {
      cause: { status },
    });
  if (status >= 300 && status < 400)
    throw new FatalError(`${where} answered with a redirect (${status}); configure the address it leads to.`);
  return { status, headers, text };
}

/** Records a call as a span, without query or headers, and gives it the headers by which the other side goes on with it. */
async function traced(
  method: string,
  url: URL,
  call: (headers: Record<string, string>) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const span = trace.getTracer('orderweave').startSpan(`${method} ${url.host}`, {
    kind: SpanKind.CLIENT,
    attributes: {
      'http.request.method': method,
      'server.address': url.hostname,
      'url.path': url.pathname,
    },
  });
  const within = trace.setSpan(context.active(), span);
  const headers: Record<string, string> = {};
  propagation.inject(within, headers);
  try {
    const answer = await call(headers);
    span.setAttribute('http.response.status_code', answer.status);
    if (answer.status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
    return answer;
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).name });
    throw error;
  } finally {
    span.end();
  }
}

async function exchange(
  where: string,
  url: URL,
  { method, headers = {}, body }: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const answer = await send(where, url, { method, headers, body: body ?? null, redirect: 'manual', signal });
  return { status: answer.status, headers: answer.headers, text: await received(where, answer, signal) };
}

async function send(where: string, url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    init.signal?.throwIfAborted();
    const cause = (error as { cause?: { code?: string } }).cause?.code ?? 'no connection';
    throw new RetriableError(`${where} cannot be reached (${cause}).`);
  }
}

async function received(where: string, answer: Response, signal: AbortSignal): Promise<string> {
  try {
    const text = await answer.text();
    if (text.length > MAX_ANSWER_CHARS) throw new FatalError(`${where} answered more than 64 MB.`);
    return text;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof FatalError) throw error;
    throw new RetriableError(`${where} broke off its answer.`);
  }
}

/** Retry-After, in seconds or as a date. */
function waitOf(headers: Headers): { retryAfterMs?: number } {
  const said = headers.get('retry-after');
  if (said === null) return {};
  const seconds = Number(said);
  const ms = Number.isNaN(seconds) ? Date.parse(said) - Date.now() : seconds * 1000;
  return ms > 0 ? { retryAfterMs: ms } : {};
}
