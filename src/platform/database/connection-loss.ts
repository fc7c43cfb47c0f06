/**
 * Of the network; of class 08; a server that takes no writes (25006: it is a standby) or has ended our session (25P03,
 * 57P01 to 57P05); one without disk, memory or connections (class 53, 58030); a statement beyond its time (57014).
 */
const CONNECTION_CODES =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|08\w{3}|25006|25P03|53\w{3}|57014|57P0[1235]|58030)$/;
/** Messages of the driver that come without a code. */
const CONNECTION_MESSAGES =
  /^Connection terminated|is not queryable$|^timeout expired$|^timeout exceeded when trying to connect|^Query read timeout$/i;

/** Whether `error`, or its cause, says that PostgreSQL could not be reached, or could not do what it was asked at all. */
export function isConnectionLoss(error: unknown): boolean {
  for (let cause = error; isErrorLike(cause); cause = cause.cause) {
    if (typeof cause.code === 'string' && CONNECTION_CODES.test(cause.code)) return true;
    if (CONNECTION_MESSAGES.test(cause.message)) return true;
  }
  return false;
}

/** Not by its class: an error of Node itself may be of another realm than ours. */
function isErrorLike(value: unknown): value is { message: string; code?: unknown; cause?: unknown } {
  return (
    typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
  );
}
