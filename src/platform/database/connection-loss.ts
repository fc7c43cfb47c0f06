const CONNECTION_CODES =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|08\w{3}|53300|57P0[123])$/;
/** Messages of the driver that come without a code. */
const CONNECTION_MESSAGES =
  /^Connection terminated|is not queryable$|^timeout expired$|^timeout exceeded when trying to connect|^Query read timeout$/i;

/** Whether `error`, or what caused it, says that the connection to PostgreSQL failed, that the server is ending or takes no more. */
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
