const CONNECTION_CODES = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|08\w{3}|53300|57P0[123])$/;

/** Whether `error`, or what caused it, says that the connection to PostgreSQL failed, that the server is ending or takes no more. */
export function isConnectionLoss(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && CONNECTION_CODES.test(cause.code)) return true;
    if (/^Connection terminated|connection is not queryable/i.test(cause.message)) return true;
  }
  return false;
}
