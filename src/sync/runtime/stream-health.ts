/** The state of a stream, without asking anyone. */
export interface StreamHealth {
  asOf: Date | null;
  degraded: boolean;
  reason: string | null;
}
