import { setTimeout as delay } from 'node:timers/promises';
import {
  FatalError,
  RetriableError,
  type ConnectorSpec,
  type RawRecord,
  type Source,
  type SourceStream,
} from '../../connectors/spi/index.ts';
import type { EntityManager } from '../platform/database.ts';
import { isConnectionLoss } from '../platform/connection-loss.ts';
import { HubError, errorCatalogue } from '../platform/errors.ts';
import { isLockConflict } from '../platform/lock-conflict.ts';
import type { Logger } from '../platform/log.ts';
import type { Intakes } from './intake.ts';
import { compileMapping } from './mapping/index.ts';
import { forgetFailuresExcept, markFailed, markRead, readCursor, type StreamId } from './stream-store.ts';
import { takeAgain, takePage } from './take-page.ts';

const POLL_MS = 60_000;
const RETRY_MS = 5_000;

export interface RuntimeParts {
  /** Unique among the configured sources, stable over time: cursors and dead letters are kept under it. */
  id: string;
  kind: ConnectorSpec['kind'];
  source: Source;
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
  readonly kind: ConnectorSpec['kind'];
  private readonly health = new Map<string, StreamHealth>();
  private readonly stopping = new AbortController();
  private syncing: Promise<void> | undefined;
  private again = false;
  private loop: Promise<void> | undefined;
  /** The source has said that something is new, and no sync has begun since. */
  private hinted = false;
  private wake: (() => void) | undefined;
  /** Why the source does not even say what streams it has. */
  private failure: string | null = null;
  /** Streams to be read from their beginning at the next sync. */
  private readonly afresh = new Set<string>();

  constructor(private readonly parts: RuntimeParts) {
    this.id = parts.id;
    this.kind = parts.kind;
  }

  /** Begins to watch and to poll. */
  async start(): Promise<void> {
    const { source, log } = this.parts;
    const onChange = () => {
      this.hinted = true;
      this.wake?.();
    };
    await source.watch?.(onChange, this.stopping.signal).catch((error: unknown) => {
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
    this.again = true;
    this.syncing ??= this.syncAll();
    return this.syncing;
  }

  /** What the hub has of a stream, for the freshness that every answer carries. */
  healthOf(stream: string): StreamHealth | undefined {
    const known = this.health.get(stream);
    return known && this.failure !== null ? { ...known, degraded: true, reason: this.failure } : known;
  }

  /** Streams that have been read, or tried. */
  streamNames(): string[] {
    return [...this.health.keys()];
  }

  healthy(): boolean {
    return this.failure === null && [...this.health.values()].every(({ degraded }) => !degraded);
  }

  /** Why the source as a whole cannot be read; what a stream lacks stands with the stream. */
  lastFailure(): string | null {
    return this.failure;
  }

  /** Maps and takes records of dead letters again. */
  async retry(stream: string, records: RawRecord[]): Promise<void> {
    const found = (await this.discover()).find(({ name }) => name === stream);
    if (!found) return;
    await takeAgain(
      this.parts,
      this.streamId(stream),
      compileMapping(found.mapping, found.mappingOrigin),
      records,
    );
  }

  /** Reads a stream from its beginning, wherever it stands; records are idempotent. */
  async resync(stream: string): Promise<void> {
    this.afresh.add(stream);
    await this.sync();
  }

  private async keepInStep(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.hinted = false; // what is said from here on may come too late for this sync
      await this.sync().catch((error: unknown) => {
        this.parts.log.warn({ err: error, connector: this.id }, 'a source could not be read');
      });
      await this.pause(this.healthy() ? POLL_MS : RETRY_MS);
    }
  }

  private async pause(ms: number): Promise<void> {
    if (this.hinted || this.stopping.signal.aborted) return;
    const woken = new Promise<void>((resolve) => (this.wake = resolve));
    const over = new AbortController();
    await Promise.race([
      woken,
      delay(ms, undefined, { signal: over.signal, ref: false }).catch(() => undefined),
    ]);
    over.abort();
    this.wake = undefined;
  }

  private async syncAll(): Promise<void> {
    try {
      while (this.again) {
        this.again = false;
        const streams = await this.discover();
        for (const stream of streams) {
          if (this.stopping.signal.aborted) return;
          await this.syncStream(stream);
        }
        await this.forgetGone(streams.map(({ name }) => name));
      }
    } finally {
      this.syncing = undefined;
    }
  }

  private async discover(): Promise<SourceStream[]> {
    try {
      const streams = await this.parts.source.discover(this.stopping.signal);
      this.failure = null;
      return streams;
    } catch (error) {
      this.failure = said(error);
      throw error;
    }
  }

  private async syncStream(stream: SourceStream): Promise<void> {
    const id = this.streamId(stream.name);
    const isAfresh = this.afresh.delete(stream.name);
    try {
      const mapping = compileMapping(stream.mapping, stream.mappingOrigin);
      const cursor = isAfresh ? null : await readCursor(this.parts.em.fork(), id);
      for await (const page of this.parts.source.read(stream, cursor, this.stopping.signal))
        await takePage(this.parts, id, mapping, page);
      await markRead(this.parts.em.fork(), id);
      this.health.set(stream.name, { asOf: new Date(), degraded: false, reason: null });
    } catch (error) {
      if (isAfresh) this.afresh.add(stream.name);
      if (this.stopping.signal.aborted) return;
      await this.noteFailure(id, error);
    }
  }

  /** A stream that was removed or renamed fails no more. */
  private async forgetGone(names: string[]): Promise<void> {
    for (const name of this.health.keys()) if (!names.includes(name)) this.health.delete(name);
    await this.noted(forgetFailuresExcept(this.parts.em.fork(), this.id, names));
  }

  private async noteFailure(id: StreamId, error: unknown): Promise<void> {
    const reason = said(error);
    this.parts.log.warn({ err: error, connector: this.id, stream: id.stream }, 'a stream could not be read');
    const asOf = this.health.get(id.stream)?.asOf ?? null;
    this.health.set(id.stream, { asOf, degraded: true, reason });
    if (!isConnectionLoss(error)) await this.noted(markFailed(this.parts.em.fork(), id, reason));
  }

  /** What could only not be noted does not keep the other streams from being read. */
  private async noted(noting: Promise<void>): Promise<void> {
    await noting.catch((error: unknown) => {
      this.parts.log.warn({ err: error, connector: this.id }, 'how a stream is doing could not be noted');
    });
  }

  private streamId(stream: string): StreamId {
    return { connector: this.id, stream };
  }
}

/** Errors of the contract are sentences for a person; anything else is a defect and stays in the log. */
function said(error: unknown): string {
  if (error instanceof RetriableError) return `${error.message} It is tried again.`;
  if (error instanceof FatalError) return `${error.message} It needs a change of the configuration.`;
  if (isConnectionLoss(error)) return 'The database did not answer. It is tried again.';
  if (isBusy(error)) return 'The hub had too much to do to take it in. It is tried again.';
  return 'The hub met a defect while reading this stream; its log has the details.';
}

function isBusy(error: unknown): boolean {
  return isLockConflict(error) || (error instanceof HubError && errorCatalogue[error.code].retryable);
}
