import type { FulfilmentSink, MessageSink, StockSink, Tracking } from './sinks.ts';
import type { Cursor, Page, SourceStream } from './stream.ts';
import type { Webhook } from './webhook.ts';

/**
 * How to speak to one kind of outside system. What is configured is opened as a source, as often as a merchant has one.
 */
export interface Connector<Stream extends SourceStream = SourceStream> {
  readonly spec: ConnectorSpec;
  /**
   * Opens a source; nothing is asked of it yet. Secrets stand in the configuration in clear here: they must not get into
   * errors, records or cursors.
   * @throws FatalError with a sentence naming the field that is wrong
   */
  open(config: unknown): Source<Stream>;
}

export interface ConnectorSpec {
  /** Stable name of the connector, e.g. `files`. */
  id: string;
  /** The sort of system it speaks to. */
  kind: 'FILES' | 'COMMERCE' | 'CRM' | 'AFTER_SALES' | 'LOGISTICS' | 'FINANCE';
  title: string;
  /** JSON Schema (draft 2020-12) of the configuration; what is secret has `"writeOnly": true`. */
  configSchema: Readonly<Record<string, unknown>>;
}

/**
 * An outside system that the hub reads from, and may write to. Life of a stream: `check` → `discover` → `read` from the
 * stored cursor, again and again. What must be remembered is the cursor, which the runtime stores in the same transaction
 * as the page's records; a source keeps no state but connections and paces.
 *
 * Failures of the source as a whole are thrown as `RetriableError` or `FatalError`, nothing else. Each connector knows the
 * errors of its system, also those that come with HTTP 200. Records must be idempotent by id: a page may be delivered
 * again after a crash. What a source can do beside reading, it says by having the part.
 */
export interface Source<Stream extends SourceStream = SourceStream> {
  /** Can the source be used with this configuration? Never throws for what a person can mend: says it instead. */
  check(signal: AbortSignal): Promise<CheckResult>;
  /** The streams of the source, in the order they must be synchronised (things before what refers to them). */
  discover(signal: AbortSignal): Promise<Stream[]>;
  /**
   * Reads the news of a stream (as `discover` gave it) since `cursor`; `null` is "from the beginning". Ends when the
   * source has nothing more for now. Stops with the signal's reason when it is aborted.
   */
  read(stream: Stream, cursor: Cursor | null, signal: AbortSignal): AsyncIterable<Page>;
  /** The cursor from which a stream reads what has changed since an instant; without it, only the beginning can be named. */
  cursorFrom?(stream: Stream, since: Date): Cursor;
  /**
   * Optional: calls `onChange` whenever the source may have something new, so that it need not wait for the next
   * poll. Resolves when watching has begun; ends with the signal. It is a hint: polling goes on.
   */
  watch?(onChange: (what: string) => void, signal: AbortSignal): Promise<void>;
  /** Pushes of the source, and records read back because of them. */
  readonly webhook?: Webhook<Stream>;
  /** A counter of the source's own that sells without asking the hub. */
  readonly stock?: StockSink;
  /** Where messages to a customer go. */
  readonly messages?: MessageSink;
  /** Where the source is told what has left for a customer. */
  readonly fulfilments?: FulfilmentSink;
  /** Where parcels are. */
  readonly tracking?: Tracking;
  close?(): Promise<void>;
}

/** `message` is a sentence for the person who configures the connector. */
export type CheckResult = { ok: true; message: string } | { ok: false; message: string };
