export enum ReservationState {
  HELD = 'HELD',
  CONFIRMED = 'CONFIRMED',
  ALLOCATED = 'ALLOCATED',
  FULFILLED = 'FULFILLED',
  RELEASED = 'RELEASED',
  EXPIRED = 'EXPIRED',
  CANCELLED = 'CANCELLED',
}

export enum ReserveMode {
  ALL_OR_NOTHING = 'ALL_OR_NOTHING',
  PARTIAL = 'PARTIAL',
}

export enum RestockReason {
  RECEIPT = 'RECEIPT',
  CUSTOMER_RETURN = 'CUSTOMER_RETURN',
  RETURN_TO_SENDER = 'RETURN_TO_SENDER',
  TRANSFER_IN = 'TRANSFER_IN',
}

export enum StockCondition {
  SELLABLE = 'SELLABLE',
  DAMAGED = 'DAMAGED',
  QUARANTINE = 'QUARANTINE',
}

/** The counters whose every change is a row of the ledger. */
export enum StockCounter {
  ON_HAND = 'ON_HAND',
  DAMAGED = 'DAMAGED',
  QUARANTINED = 'QUARANTINED',
  ALLOCATED = 'ALLOCATED',
  CONFIRMED = 'CONFIRMED',
  HELD = 'HELD',
  UNBACKED = 'UNBACKED',
  INBOUND = 'INBOUND',
  /** Promised for a later day: still held, and paid. */
  DATED_HELD = 'DATED_HELD',
  DATED_CONFIRMED = 'DATED_CONFIRMED',
}
