/** A row that must end in dead letters (or, as part of an order, take its order there). */
export interface BrokenRow {
  file: string;
  /** As a person counts in the opened file: 1 is the first row, the header included. */
  row: number;
  why: string;
}

/**
 * The records that were written, and the records that must come out of them: distinct records by id, duplicates
 * counted once.
 */
export interface SampleShopManifest {
  /** File names, in the order they must be read. */
  files: string[];
  expected: {
    skus: number;
    nodes: number;
    carrierServices: number;
    stockLevels: number;
    inbound: number;
    customers: number;
    orders: number;
    orderLines: number;
    tickets: number;
    returns: number;
    brokenRows: BrokenRow[];
  };
  caller: { phone: string; name: string; orders: { channel: string; externalId: string }[] };
}
