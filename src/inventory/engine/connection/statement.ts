/**
 * The statements of one batch, in the one order in which rows are locked (semantics.md §1): idempotency keys →
 * balances → quotas and campaigns → levels → reservations, each sorted by key. Whoever writes these tables keeps this
 * order, so that no two transactions can wait for each other. They are named, planned once for a connection, and go by key (engine-session.ts).
 * Those that a batch always needs say by themselves what they need of those before, so that they are sent together.
 */
export interface Statement {
  name: string;
  text: string;
}

export const statement = (name: string, text: string): Statement => ({ name, text });
