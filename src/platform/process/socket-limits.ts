/** Limits of one socket, and of one key with all of its sockets, in a hub process. */
export interface SocketLimits {
  /** Subscriptions, and other operations not answered yet, at once. */
  operations: number;
  /** Open sockets of one key. */
  ofOneKey: number;
  /** The bytes that may wait for a client to read them; a socket beyond is closed. */
  unsentBytes: number;
  /** A socket is pinged so often, and cut if it has not answered by the next time. */
  pingMs: number;
}
