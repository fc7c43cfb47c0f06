/** Time limits of an HTTP connection, in ms. */
export interface ConnectionLimits {
  /** Until the headers of a request are there. */
  headersMs: number;
  /** Until a request is there with its body. */
  requestMs: number;
  /** Until the next request of a kept connection begins. */
  keepAliveMs: number;
}
