/**
 * The two ways a source can fail as a whole. A single bad record is neither: it is a `Reject` or a dead letter,
 * and the stream goes on.
 */

/** Trouble that may pass by itself: a timeout, a 503, a folder on a drive that is not mounted. Try again later. */
export class RetriableError extends Error {
  override readonly name: string = 'RetriableError';
  /** The least time to wait before the next try, in milliseconds, when the source told one. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Trouble that stays until a person changes something: a wrong password, a mapping that does not parse. */
export class FatalError extends Error {
  override readonly name: string = 'FatalError';
}
