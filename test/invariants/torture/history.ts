/** What clients asked and what they were answered, as they saw it: the evidence that is judged afterwards. */

export type Input = Record<string, unknown> & { idempotencyKey: string };

export interface Reply {
  data?: Record<string, Answer | null> | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}
export interface Answer {
  __typename: string;
  id?: string;
  reservationId?: string;
  state?: string;
  lines?: { quantity: number; sku: { code: string } }[];
  shortages?: { sku: string; requested: number; available: number }[];
  movements?: { counter: string; delta: number }[];
}

/** One command under one key, with every answer that came back. */
export interface Operation {
  mutation: string;
  input: Input;
  /** Epoch milliseconds of the first attempt and of the first answer. */
  invokedAt: number;
  completedAt: number;
  /** All answers; attempts whose connection failed have none. */
  replies: Reply[];
  /** Another body under the key of an operation before. */
  misuse?: boolean;
}

export interface History {
  operations: Operation[];
  /** Answers that asked to come again, by code. */
  retried: Record<string, number>;
  /** What was done to the processes, in order. */
  incidents: string[];
}

export const answerOf = ({ mutation, replies }: Operation): Answer | undefined =>
  replies[0]?.data?.[mutation] ?? undefined;
