import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The header that names a request, in both directions. */
export const REQUEST_ID_HEADER = 'x-request-id';

const MAX_LENGTH = 128;
const WELL_FORMED = /^[\w.:/+=@-]+$/;
const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/;
const NO_TRACE = '0'.repeat(32);

/** Of this process alone, so that a counter makes the rest unique. */
const prefix = randomBytes(5).toString('hex');
let made = 0;

/** Makes an id that no other request has. */
export function newRequestId(): string {
  made += 1;
  return `${prefix}-${made.toString(36)}`;
}

/** The id of a request: the trace that it belongs to, the id that its client gave it, or a new one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const { traceparent, [REQUEST_ID_HEADER]: given } = headers;
  if (traceparent === undefined && given === undefined) return newRequestId();
  const traceId = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent)?.[1] : undefined;
  if (traceId !== undefined && traceId !== NO_TRACE) return traceId;
  const isGood = typeof given === 'string' && given.length <= MAX_LENGTH && WELL_FORMED.test(given);
  return isGood ? given : newRequestId();
}

/** The id of the request that Apollo Server serves here: its formatting of errors is told nothing else of the request. */
export const apolloRequestId = new AsyncLocalStorage<string>();
