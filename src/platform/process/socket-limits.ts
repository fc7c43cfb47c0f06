/** What one socket, and one key with all of its sockets, may take of a hub process. */
export interface SocketLimits {
  /** Subscriptions, and other operations not answered yet, at once. */
  operations: number;
  /** Open sockets of one key. */
  ofOneKey: number;
  /** What may wait for a client to read it; a socket beyond is closed. */
  unsentBytes: number;
  /** A socket is pinged so often, and cut if it has not answered by the next time. */
  pingMs: number;
}
