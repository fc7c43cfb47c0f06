/** What a domain says of a page of records: those it cannot take, by index, with a sentence for a person. */
export interface IntakeResult {
  taken: number;
  rejected: readonly Rejection[];
}
export interface Rejection {
  index: number;
  reason: string;
}
