import { setTimeout as delay } from 'node:timers/promises';
import { FatalError, RetriableError, type Connector, type SourceStream } from '../../connectors/spi/index.ts';
import type { EntityManager } from '../platform/database.ts';
import { isConnectionLoss } from '../platform/connection-loss.ts';
import type { Logger } from '../platform/log.ts';
import type { Intakes } from './intake.ts';
import { compileMapping, type CompiledMapping } from './mapping/index.ts';
import { markFailed, markRead, readCursor, writeCursor, type StreamId } from './stream-store.ts';
import { takeAgain, takePage } from './take-page.ts';
import type { RawRecord } from '../../connectors/spi/index.ts';

const POLL_MS = 60_000;
const RETRY_MS = 5_000;

export interface RuntimeParts {
  connector: Connector;
  config: unknown;
  em: EntityManager;
  intakes: Intakes;
  log: Logger;
}

/** What is known of a stream without asking anyone. */
export interface StreamHealth {
  asOf: Date | null;
  degraded: boolean;
  reason: string | null;
}

/**
 * Keeps one source in step: reads each stream from its stored cursor, again and again, sooner when the source says
 * that something is new. A failing stream is tried again and never stops the others.
 */
export class ConnectorRuntime {
  readonly id: string;
  readonly kind: string;
  private readonly health = new Map<string, StreamHealth>();
  private readonly stopping = new AbortController();
  private syncing: Promise<void> | undefined;
  private again = false;
  private loop: Promise<void> | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly parts: RuntimeParts) {
    this.id = parts.connector.spec.id;
    this.kind = parts.connector.spec.kind;
  }

  /** Begins to watch and to poll. */
  async start(): Promise<void> {
    const { connector, config, log } = this.parts;
    await connector.watch?.(config, () => this.wake?.(), this.stopping.signal).catch((error: unknown) => {
      log.warn({ err: error, connector: this.id }, 'the source cannot be watched; it is polled');
    });
    this.loop = this.keepInStep();
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('the hub is stopping'));
    this.wake?.();
    await this.loop;
    await this.syncing?.catch(() => undefined);
  }

  /** Reads all streams to their end. Calls that come while it runs share one more run after it. */
  async sync(): Promise<void> {
    if (this.syncing) {
      this.again = true;
      return this.syncing;
    }
    this.syncing = this.syncAll().finally(() => {
      this.syncing = undefined;
    });
    return this.syncing;
  }

  /** What the hub has of a stream, for the freshness that every answer carries. */
  healthOf(stream: string): StreamHealth | undefined {
    return this.health.get(stream);
  }

  /** Streams that have been read, or tried. */
  streamNames(): string[] {
    return [...this.health.keys()];
  }

  healthy(): boolean {
    return [...this.health.values()].every(({ degraded }) => !degraded);
  }

  /** Maps and takes records of dead letters again. */
  async retry(stream: string, records: RawRecord[]): Promise<void> {
    const found = (await this.streams()).find(({ source }) => source.name === stream);
    if (found) await takeAgain(this.parts, this.streamId(stream), found.mapping, records);
  }

  /** Forgets where a stream stood and reads it from its beginning; records are idempotent. */
  async resync(stream: string): Promise<void> {
    await this.syncing?.catch(() => undefined);
    await writeCursor(this.parts.em.fork(), this.streamId(stream), null, 0);
    await this.sync();
  }

  private async keepInStep(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.sync().catch((error: unknown) => {
        this.parts.log.warn({ err: error, connector: this.id }, 'a source could not be read');
      });
      await this.pause(this.healthy() ? POLL_MS : RETRY_MS);
    }
  }

  private async pause(ms: number): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.wake = resolve));
    await Promise.race([woken, delay(ms, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined)]);
    this.wake = undefined;
  }

  private async syncAll(): Promise<void> {
    do {
      this.again = false;
      for (const stream of await this.streams()) {
        if (this.stopping.signal.aborted) return;
        await this.syncStream(stream.source, stream.mapping);
      }
    } while (this.again);
  }

  private async streams(): Promise<{ source: SourceStream; mapping: CompiledMapping }[]> {
    const sources = await this.parts.connector.discover(this.parts.config);
    return sources.map((source) => ({ source, mapping: compileMapping(source.mapping, source.mappingOrigin) }));
  }

  private async syncStream(source: SourceStream, mapping: CompiledMapping): Promise<void> {
    const id = this.streamId(source.name);
    try {
      const cursor = await readCursor(this.parts.em.fork(), id);
      for await (const page of this.parts.connector.read(source, cursor, this.stopping.signal))
        await takePage(this.parts, id, mapping, page);
      await markRead(this.parts.em.fork(), id);
      this.health.set(source.name, { asOf: new Date(), degraded: false, reason: null });
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      await this.noteFailure(id, error);
    }
  }

  private async noteFailure(id: StreamId, error: unknown): Promise<void> {
    const reason = said(error);
    this.parts.log.warn({ err: error, connector: this.id, stream: id.stream }, 'a stream could not be read');
    const asOf = this.health.get(id.stream)?.asOf ?? null;
    this.health.set(id.stream, { asOf, degraded: true, reason });
    if (!isConnectionLoss(error)) await markFailed(this.parts.em.fork(), id, reason);
  }

  private streamId(stream: string): StreamId {
    return { connector: this.id, stream };
  }
}

/** Errors of the contract are sentences for a person; anything else is a defect and stays in the log. */
function said(error: unknown): string {
  if (error instanceof RetriableError) return `${error.message} It is tried again.`;
  if (error instanceof FatalError) return `${error.message} It needs a change of the configuration.`;
  return 'The hub met a defect while reading this stream; its log has the details.';
}
