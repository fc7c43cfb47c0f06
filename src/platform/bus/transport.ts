/** A transport of signals between hub processes: the whole difference between PostgreSQL and NATS. */
export interface BusTransport {
  /** The most bytes of one payload. */
  readonly maxPayloadBytes: number;
  /**
   * Connects and listens. @throws whatever kept it from that; `signal` ends an attempt that is under way
   * @param onPayload told of what other processes have sent, and possibly of our own
   */
  open(onPayload: (payload: string) => void, signal: AbortSignal): Promise<BusConnection>;
}

/** A connection that lives once; a lost one is replaced by another. */
export interface BusConnection {
  /** Resolves when the server has all of them. @throws when some may be lost */
  send(payloads: readonly string[]): Promise<void>;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}
