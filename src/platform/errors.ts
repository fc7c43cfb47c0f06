import { GraphQLError } from 'graphql';

/**
 * Every error code of the public API, once: its HTTP status where it fails a whole request, and whether the same
 * request may succeed later. docs/errors.md is checked against this table.
 */
export const errorCatalogue = {
  UNAUTHENTICATED: { http: 401, retryable: false, says: 'No key, or one that the hub does not know.' },
  FORBIDDEN: {
    http: 403,
    retryable: false,
    says: 'The key is valid but lacks the scope, channel or admin right for this call.',
  },
  BAD_USER_INPUT: { http: 400, retryable: false, says: 'An argument has a wrong type or form.' },
  QUANTITY_OUT_OF_RANGE: { http: 200, retryable: false, says: 'A quantity is not within 1 to 1,000,000.' },
  TOO_MANY_OPERATIONS: {
    http: 429,
    retryable: true,
    says: 'The socket has as many operations as it may have.',
  },
  TOO_MANY_LINES: { http: 200, retryable: false, says: 'A list is longer than its limit.' },
  LIST_EMPTY: { http: 200, retryable: false, says: 'A list has no entries where it needs one.' },
  TEXT_TOO_LONG: { http: 200, retryable: false, says: 'A text is longer than its limit.' },
  TOO_MANY_RULE_SETS: { http: 200, retryable: false, says: 'The hub holds as many rule sets as it may.' },
  UNKNOWN_SKU: { http: 200, retryable: false, says: 'One or more SKUs do not exist; all of them are named.' },
  UNKNOWN_CHANNEL: { http: 200, retryable: false, says: 'The channel does not exist.' },
  UNKNOWN_POOL: { http: 200, retryable: false, says: 'The pool does not exist.' },
  UNKNOWN_NODE: { http: 200, retryable: false, says: 'The fulfilment node does not exist.' },
  UNKNOWN_INBOUND: { http: 200, retryable: false, says: 'No open inbound delivery of this SKU has that id.' },
  UNKNOWN_CAMPAIGN: { http: 200, retryable: false, says: 'The pool has no such presale campaign.' },
  CAMPAIGN_NOT_OPEN: {
    http: 200,
    retryable: true,
    says: 'The presale has not started yet, or is over; its times are named.',
  },
  SKU_NOT_IN_CAMPAIGN: { http: 200, retryable: false, says: 'The presale does not sell these SKUs.' },
  DAY_OUT_OF_RANGE: {
    http: 200,
    retryable: false,
    says: 'A day is past, too far ahead, or before another that it must not precede.',
  },
  UNKNOWN_ORDER: {
    http: 200,
    retryable: false,
    says: 'The order does not exist, or has not been imported yet.',
  },
  ORDER_NOT_ROUTABLE: {
    http: 200,
    retryable: false,
    says: 'The order has no paid units that wait for a node; its state is named.',
  },
  UNKNOWN_SHIPMENT: { http: 200, retryable: false, says: 'The planned shipment does not exist.' },
  UNKNOWN_ROUTING_DECISION: { http: 200, retryable: false, says: 'The routing decision does not exist.' },
  UNKNOWN_ORDER_LINE: { http: 200, retryable: false, says: 'The order line does not exist.' },
  RESERVATION_NOT_FOUND: {
    http: 200,
    retryable: false,
    says: 'Reservation not found, or it belongs to another partner.',
  },
  TTL_OUT_OF_RANGE: {
    http: 200,
    retryable: false,
    says: 'A hold lasts 1 second to 4 hours from its creation, extensions included.',
  },
  INVALID_IDENTITY: { http: 200, retryable: false, says: 'The value is not a valid identity of this kind.' },
  IDEMPOTENCY_KEY_INVALID: {
    http: 200,
    retryable: false,
    says: 'The key is empty or longer than 200 characters.',
  },
  IDEMPOTENCY_CONFLICT: {
    http: 200,
    retryable: false,
    says: 'The key was used before with another operation or another input.',
  },
  UNKNOWN_STORED_REPLY: {
    http: 200,
    retryable: true,
    says: 'Another version of the hub has answered this key, in a form that this one does not read.',
  },
  UNKNOWN_CONNECTOR: { http: 200, retryable: false, says: 'No source of that id is configured.' },
  UNKNOWN_STREAM: { http: 200, retryable: false, says: 'The source has no such stream.' },
  UNKNOWN_REVIEW_TASK: { http: 200, retryable: false, says: 'The review task does not exist.' },
  UNKNOWN_REVIEW_ACTION: {
    http: 200,
    retryable: false,
    says: 'The task cannot be decided that way; the possible actions are named.',
  },
  REVIEW_TASK_CLOSED: { http: 200, retryable: false, says: 'The task was decided otherwise before.' },
  UNKNOWN_WEBHOOK_ENDPOINT: { http: 200, retryable: false, says: 'The webhook endpoint does not exist.' },
  SECRET_KEY_MISSING: {
    http: 200,
    retryable: false,
    says: 'The hub has no key to seal signing secrets with.',
  },
  INVALID_CURSOR: { http: 200, retryable: false, says: '`after` is not a cursor of this list.' },
  PAGE_SIZE_OUT_OF_RANGE: { http: 200, retryable: false, says: '`first` is not within 1 to 100.' },
  QUERY_TOO_COMPLEX: {
    http: 400,
    retryable: false,
    says: 'The operation is too deep, too long or costs too much.',
  },
  OPERATION_TIMED_OUT: {
    http: 200,
    retryable: true,
    says: 'The operation took longer than one may.',
  },
  RATE_LIMITED: {
    http: 429,
    retryable: true,
    says: 'The key has spent what it may ask, or its address has sent too many wrong keys.',
  },
  BODY_TOO_LARGE: { http: 413, retryable: false, says: 'The request body exceeds 1 MB.' },
  BODY_INVALID: { http: 400, retryable: false, says: 'The request body is not UTF-8 JSON.' },
  REQUEST_TIMEOUT: { http: 408, retryable: true, says: 'The request did not come within its time.' },
  TOO_MANY_CONNECTIONS: {
    http: 429,
    retryable: true,
    says: 'The key has as many sockets and event streams open as it may have.',
  },
  OVERLOADED: {
    http: 503,
    retryable: true,
    says: 'Too many commands are waiting; retry after the stated time.',
  },
  DATABASE_UNAVAILABLE: {
    http: 503,
    retryable: true,
    says: 'The database did not answer; the same idempotency key makes a retry safe.',
  },
  INTERNAL: { http: 500, retryable: true, says: 'A defect of the hub; it was logged under the given id.' },
} as const satisfies Record<string, { http: number; retryable: boolean; says: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** A request that cannot be served, said so that the caller can mend it: what was wrong and what would be right. */
export class HubError extends GraphQLError {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}) {
    super(message, { extensions: { code, retryable: errorCatalogue[code].retryable, ...details } });
    this.name = 'HubError';
    this.code = code;
  }
}
