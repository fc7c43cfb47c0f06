import type { StreamMapping } from './mapping.ts';
import type { EntityName } from './records.ts';

/** A JSON value: what cursors and raw data are made of, so that they can be stored and shown. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** One stream of a source: plain data, except that connectors may add what their own `read` needs. */
export interface SourceStream {
  /** Unique within the source, stable over time: cursors are kept under it. */
  readonly name: string;
  readonly entity: EntityName;
  readonly mapping: StreamMapping;
  /** Of the shape of its records; another one makes a merchant's changes of the mapping be looked at again. 1 if left out. */
  readonly schemaVersion?: number;
  /** Where the mapping was written down, for error messages, e.g. `mappings/orders-douyin.json`. */
  readonly mappingOrigin: string;
}

/** Where to go on reading. Only the connector that made it knows what is inside. */
export type Cursor = Json;

/** A bounded piece of a stream. The cursor is valid once all records and rejects of the page are stored. */
export interface Page {
  records: RawRecord[];
  rejects: Reject[];
  cursor: Cursor;
}

/** A record as the source has it, not yet mapped. JSON all through: a dead letter keeps it for a retry. */
export interface RawRecord {
  /** The record's id within its stream; reading the same record again gives the same id. */
  id: string;
  /** Where a person finds it, e.g. `orders-douyin.csv row 17`. */
  origin: string;
  data: Record<string, unknown>;
  /** The rows of a grouped record, the first included; absent for a record that is one row. */
  rows?: RawRow[];
  /** Identifies this state of the source among others, e.g. the digest of the file. */
  version?: string;
}

/** One row of a grouped record. */
export interface RawRow {
  origin: string;
  data: Record<string, unknown>;
}

/** Something of the source that cannot even be read as a record. */
export interface Reject {
  origin: string;
  /** A sentence for a person. */
  reason: string;
  /** The text as found, shortened to `MAX_REJECT_RAW_CHARS`. */
  raw: string;
}

/** The most characters of a rejected text that are kept. */
export const MAX_REJECT_RAW_CHARS = 2000;
