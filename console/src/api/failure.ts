import type { CombinedError } from 'urql';

/** What went wrong, in the terms a page needs: a code it may know, and the text the hub gave. */
export interface Failure {
  readonly code: string | undefined;
  readonly message: string;
  /** The answer did not arrive: the same request with the same idempotency key is safe to send again. */
  readonly unanswered: boolean;
  /** The hub turned the request away before it did anything: safe to send again as well. */
  readonly busy: boolean;
}

export function failureOf(error: CombinedError): Failure {
  const first = error.graphQLErrors[0];
  const code = first?.extensions.code;
  return {
    code: typeof code === 'string' ? code : undefined,
    message: first?.message ?? error.networkError?.message ?? error.message,
    unanswered: error.networkError !== undefined,
    busy: code === 'OVERLOADED',
  };
}
