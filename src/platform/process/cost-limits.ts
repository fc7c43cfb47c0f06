/** Limits of operations: of their cost before they run, and of what they use while they do. */
export interface CostLimits {
  /** Of one operation; no key may ask for more at once. */
  ceiling: number;
  /** Of all operations of one key, in this process. */
  perMinute: number;
  /** Of the admin key. */
  adminPerMinute: number;
  /** Of one answer. */
  answerBytes: number;
  /** An operation is ended after so long. */
  operationMs: number;
}
