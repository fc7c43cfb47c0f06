import type { Connector } from '../connector.ts';
import type { StreamMapping } from '../mapping.ts';
import type { TrackedParcel } from '../sinks.ts';
import type { RawRecord } from '../stream.ts';
import type { RawPush } from '../webhook.ts';

/**
 * The means that the suite needs to test a connector: a source that it can fill and disturb. As a rule that is a small
 * server in the same process that behaves as the documentation of the real one says.
 */
export interface ConformanceKit {
  connector: Connector;
  /** A fresh source with nothing in it; of one whose streams can be read, a `TestBed`. */
  start(): Promise<SourceBed>;
}

/** How a source can fail. */
export type Fault =
  /** Nothing can be had for a while: no connection, or 503. */
  | 'UNAVAILABLE'
  /** Too many calls. */
  | 'THROTTLED'
  /** The credentials are no good any more. */
  | 'REFUSED';

/** The means that the suite needs of every source. */
export interface SourceBed {
  /** A configuration that works, secrets in clear. */
  config: Record<string, unknown>;
  /** Texts that must never be seen in errors, records or cursors. */
  secrets: readonly string[];
  /** See `AskedBed`; left out by a source that asks nobody. */
  fail?(fault: Fault, after?: number): void;
  /** See `TestBed`; left out by a source that has nothing to read. */
  put?(count: number | readonly string[]): Promise<{ stream: string; ids: string[] }>;
  /** A push that the source would send for a record, signed; left out by a connector without `webhook`. */
  push?(ids: readonly string[]): RawPush;
  /** One parcel that the source knows, and one that it does not; left out by a connector without `tracking`. */
  parcels?: { known: TrackedParcel; unknown: TrackedParcel };
  /** SKUs that the source keeps stock of; left out by a connector without `stock`. */
  stockedSkus?: readonly string[];
  stop(): Promise<void>;
}

/** Of a source that asks an outside system. */
export interface AskedBed extends SourceBed {
  /** Makes calls fail until `heal`; the first `after` of them still succeed, so that a page breaks off in the middle. */
  fail(fault: Fault, after?: number): void;
  heal(): void;
}

/** Of a source that asks an outside system and whose streams can be read. */
export interface TestBed extends AskedBed {
  /**
   * Makes `count` new records, or changes those with the given ids, in the first stream whose entity is not master data of
   * others. @returns the stream and the ids under which `read` gives them
   */
  put(count: number | readonly string[]): Promise<{ stream: string; ids: string[] }>;
}

/**
 * The hub's mapping tools that a connector is tested with: whether its mappings can be used, and what comes of its
 * records.
 */
export interface MappingTools {
  /** @throws Error saying what is wrong */
  compile(mapping: StreamMapping, origin: string): unknown;
  /** @returns why the record cannot be mapped; undefined if it can */
  problemOf(compiled: unknown, record: RawRecord): Promise<string | undefined>;
  /** @returns what is wrong with a JSON Schema; undefined if nothing is */
  problemOfSchema(schema: unknown): string | undefined;
}

/** One rule of the contract. */
export interface Check {
  /** A sentence. */
  name: string;
  /** Whether the rule concerns the connector; it does if left out. */
  concerns?(kit: ConformanceKit, bed: SourceBed): boolean;
  /** @throws Error saying how the rule was broken */
  run(kit: ConformanceKit, bed: SourceBed, tools: MappingTools): Promise<void>;
}
