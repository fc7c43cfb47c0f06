import type { GraphQLFormattedError } from 'graphql';
import { errorCatalogue, type ErrorCode } from '../../platform/errors.ts';

/** Seconds after which to try again where the error names no time. */
const RETRY_AFTER_SECONDS = 1;

/** An answer that serves nothing for now, in terms of HTTP. */
export interface OutageStatus {
  status: 429 | 503;
  /** Value of `Retry-After`, in seconds. */
  retryAfter: string;
}

/**
 * Returns the status of an answer of which nothing could be served because the hub or its database cannot for now, or
 * because its key has to wait; undefined for every other answer. An answer with a part that could be served stays 200,
 * so that no proxy throws it away.
 * @param data the data of the answer, undefined if nothing was executed
 * @param errors the errors as the client gets them
 */
export function outageStatus(
  data: Readonly<Record<string, unknown>> | null | undefined,
  errors: readonly GraphQLFormattedError[] | undefined,
): OutageStatus | undefined {
  if (!errors?.length) return undefined;
  for (const name in data) if (data[name] !== null) return undefined;
  for (const { extensions } of errors) {
    const status = errorCatalogue[extensions?.code as ErrorCode]?.http;
    if (status !== 503 && status !== 429) continue;
    return { status, retryAfter: String(extensions?.retryAfterSeconds ?? RETRY_AFTER_SECONDS) };
  }
  return undefined;
}
