/** What operations may cost before they run, and take while they do. */
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
