/** The three ways in which the hub says that a key is not good: HTTP status, GraphQL error code, socket close code. */
export const isRefusalStatus = (status: number | undefined) => status === 401;

export const isRefusalCode = (code: unknown) => code === 'UNAUTHENTICATED';

const CLOSED_UNAUTHORIZED = 4401;
const CLOSED_FORBIDDEN = 4403;

export function isRefusalClose(event: unknown) {
  if (typeof event !== 'object' || event === null || !('code' in event)) return false;
  return event.code === CLOSED_UNAUTHORIZED || event.code === CLOSED_FORBIDDEN;
}
