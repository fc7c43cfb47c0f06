/** The result of importing a page of records: those it cannot take, by index, with a sentence for a person. */
export interface ImportResult {
  accepted: number;
  rejected: readonly Rejection[];
  /** Called once what was taken is committed, e.g. to tell those who watch; not called when it is rolled back. */
  afterCommit?: () => void;
}
export interface Rejection {
  index: number;
  reason: string;
}
