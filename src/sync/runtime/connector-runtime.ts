import {
  type ConnectorSpec,
  type PushHint,
  type RawRecord,
  type Source,
} from '../../../connectors/spi/index.ts';
import { InterruptibleSleep } from '../../platform/jobs/interruptible-sleep.ts';
import type { ChangeBus } from '../../platform/bus/change-bus.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import type { Logger } from '../../platform/process/log.ts';
import { isPaused, setPaused } from './pause-store.ts';
import { describeFailure } from '../tasks/describe-failure.ts';
import type { RecordImporters } from '../ingest/record-importers.ts';
import { storeHints } from '../ingest/push-inbox.ts';
import { streamsOf, type BrokenStream, type ReadyStream } from './source-streams.ts';
import type { SourceTask } from '../tasks/source-task.ts';
import { SourceTaskRegistry } from './source-task-registry.ts';
import { READING, StreamHealthMap } from './stream-health-map.ts';
import type { StreamHealth } from './stream-health.ts';
import { StreamReader } from './stream-reader.ts';
import { requestResync, type StreamId } from '../ingest/stream-store.ts';

const POLL_MS = 60_000;
const RETRY_MS = 5_000;
/** Sources, by id, of which a push has come to some process. */
const PUSH_TOPIC = 'source-pushes';

export interface RuntimeDeps {
  /** Unique among the configured sources, stable over time: cursors and dead letters are kept under it. */
  id: string;
  kind: ConnectorSpec['kind'];
  source: Source;
  em: EntityManager;
  importers: RecordImporters;
  /** Tasks of sources beside reading them; writing alone if left out. */
  tasks?: SourceTaskRegistry;
  log: Logger;
  /** Default 60,000. */
  pollMs?: number;
  /** How long records are kept as the source had them; none are if left out. */
  rawDays?: number;
  /** Where a merchant's changes of its mappings stand. */
  mappingsFolder?: string;
  /**
   * Publishes changes of stock, for a source that has a counter of its own, and of pushes that have come elsewhere.
   */
  bus?: ChangeBus;
  /** Whether it is this process that reads the source; it is if left out. */
  isElected?: () => boolean;
}

/** The streams to read: all its streams, or what its pushes have hinted at. */
type Wanted = 'ALL' | 'PUSHES';

/**
 * Synchronises one source: reads each stream from its stored cursor, again and again, sooner when the source says that
 * something is new. A failing stream is tried again and never stops the others.
 */
export class ConnectorRuntime {
  readonly id: string;
  readonly kind: ConnectorSpec['kind'];
  readonly source: Source;
  private readonly health: StreamHealthMap;
  private readonly reader: StreamReader;
  private readonly stopping = new AbortController();
  private syncing: Promise<void> | undefined;
  private again = false;
  private loop: Promise<void> | undefined;
  /** The reads requested, and not begun since. */
  private wanted: Wanted | undefined;
  private readonly alarm = new InterruptibleSleep();
  /** Why the source does not even say what streams it has. */
  private failure: string | null = null;
  private paused = false;
  private unsubscribe: (() => void) | undefined;
  /** The tasks of the source beside reading it. */
  private tasks: readonly SourceTask[] = [];

  constructor(private readonly parts: RuntimeDeps) {
    this.id = parts.id;
    this.kind = parts.kind;
    this.source = parts.source;
    this.health = new StreamHealthMap(parts);
    this.reader = new StreamReader({
      ...parts,
      health: this.health,
      discover: () => this.discover(),
      signal: this.stopping.signal,
    });
  }

  /** Begins to watch and to poll. */
  async start(): Promise<void> {
    const { source, log, bus, tasks = new SourceTaskRegistry() } = this.parts;
    await source
      .watch?.(() => this.wake('ALL'), this.stopping.signal)
      .catch((error: unknown) => {
        log.warn({ err: error, connector: this.id }, 'the source cannot be watched; it is polled');
      });
    this.unsubscribe = bus?.subscribe(
      PUSH_TOPIC,
      (ids) => ids.includes(this.id) && this.wake('PUSHES'),
      () => this.wake('PUSHES'),
    );
    this.loop = this.pollLoop();
    this.tasks = tasks.tasksOf({ ...this.parts, isActive: () => this.isElected() && !this.paused });
    for (const task of this.tasks) task.start();
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('the hub is stopping'));
    this.unsubscribe?.();
    this.alarm.wake();
    await Promise.all(this.tasks.map((task) => task.stop()));
    await this.loop;
    await this.syncing?.catch(() => undefined);
    await this.source.close?.();
  }

  /** Reads all streams to their end. Calls that come while it runs share one more run after it. */
  async sync(): Promise<void> {
    this.again = true;
    this.syncing ??= this.syncAll();
    return this.syncing;
  }

  /** Reads again soon, without waiting for the next poll. */
  wake(what: Wanted): void {
    this.wanted = this.wanted === 'ALL' ? 'ALL' : what;
    this.alarm.wake();
  }

  /** This process has become the one that reads the source, or is it no more. */
  elected(): void {
    this.wake('ALL');
    for (const task of this.tasks) task.runNow();
  }

  /**
   * Stores the hints of a push to be read back, or the records it carries to be ingested. What is kept is not lost; a
   * push that is known changes nothing.
   */
  async take(hints: readonly PushHint[]): Promise<void> {
    if ((await storeHints(this.parts.em.fork(), this.id, hints)) === 0) return;
    this.wake('PUSHES');
    this.parts.bus?.publish(PUSH_TOPIC, [this.id]); // another process may be the one that reads the source
  }

  /** The state of a stream, for the freshness that every answer carries. */
  healthOf(stream: string): StreamHealth | undefined {
    const known = this.health.get(stream);
    if (!known) return undefined;
    if (this.failure !== null) return { ...known, degraded: true, reason: this.failure };
    return this.paused ? { ...known, degraded: true, reason: 'The source is paused.' } : known;
  }

  /** As `healthOf`, by what answers call the source; undefined where that is another one's. */
  healthOfSource(name: string): StreamHealth | undefined {
    const stream = this.health.streamOf(name);
    return stream === undefined ? undefined : this.healthOf(stream);
  }

  /** The names of its streams in answers. */
  sourceNames(): string[] {
    return this.health.sourceNames();
  }

  /** Streams that have been read, or tried. */
  streamNames(): string[] {
    return this.health.streamNames();
  }

  healthy(): boolean {
    return this.lastFailure() === null && !this.health.hasDegraded();
  }

  /** Why the source as a whole cannot be read, or cannot be told; what a stream lacks stands with the stream. */
  lastFailure(): string | null {
    const failures = this.tasks.map((task) => task.lastFailure());
    return this.failure ?? failures.find((failure) => failure !== null) ?? null;
  }

  /** Maps and takes records of dead letters again. */
  async retry(stream: string, records: RawRecord[]): Promise<void> {
    const found = (await this.discover()).find((one) => one.stream.name === stream);
    if (found && 'mapping' in found) await this.reader.retry(found, records);
  }

  /**
   * Reads a stream from its beginning, or from what has changed since an instant where the source can say that; records
   * are idempotent.
   */
  async resync(stream: string, since?: Date): Promise<void> {
    await this.askResync(stream, since);
    if (this.isElected()) await this.sync();
  }

  /** As `resync`, without waiting for it: the next sync does it, in whichever process reads the source. */
  async askResync(stream: string, since?: Date): Promise<void> {
    const cursor = since === undefined ? null : await this.cursorFrom(stream, since);
    await requestResync(this.parts.em.fork(), this.streamId(stream), cursor);
  }

  /** Stops or goes on reading, in whichever process does; what is under way ends with its page. */
  async setPaused(paused: boolean): Promise<void> {
    await setPaused(this.parts.em.fork(), this.id, paused);
    this.paused = paused;
    this.wake('ALL');
    for (const task of this.tasks) task.runNow();
  }

  isPaused(): boolean {
    return this.paused;
  }

  private async cursorFrom(stream: string, since: Date) {
    const found = (await this.discover()).find((one) => one.stream.name === stream);
    return (found && this.source.cursorFrom?.(found.stream, since)) ?? null;
  }

  private isElected(): boolean {
    return this.parts.isElected?.() ?? true;
  }

  private async pollLoop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const wanted = this.wanted ?? 'ALL';
      this.wanted = undefined; // what is said from here on may come too late for this turn
      await this.turn(wanted).catch((error: unknown) => {
        this.parts.log.warn({ err: error, connector: this.id }, 'a source could not be read');
      });
      await this.pause(this.healthy() && this.isElected() ? (this.parts.pollMs ?? POLL_MS) : RETRY_MS);
    }
  }

  private async turn(wanted: Wanted): Promise<void> {
    const em = this.parts.em.fork();
    this.paused = await isPaused(em, this.id);
    if (!this.isElected()) {
      await this.health.readStored();
      return;
    }
    if (this.paused) return;
    if (this.source.webhook) await this.reader.rereadHinted();
    if (wanted === 'ALL') await this.sync();
  }

  private async pause(ms: number): Promise<void> {
    if (this.wanted || this.stopping.signal.aborted) return;
    await this.alarm.sleep(ms);
  }

  private async syncAll(): Promise<void> {
    try {
      while (this.again) {
        this.again = false;
        const streams = await this.discover();
        for (const one of streams) {
          if (this.stopping.signal.aborted) return;
          await this.reader.syncStream(one);
        }
        await this.health.deleteExcept(streams.map(({ stream }) => stream.name));
      }
    } finally {
      this.syncing = undefined;
    }
  }

  private async discover(): Promise<(ReadyStream | BrokenStream)[]> {
    try {
      const streams = await streamsOf(this.source, this.parts.mappingsFolder, this.stopping.signal);
      this.failure = null;
      return streams;
    } catch (error) {
      this.failure = describeFailure(error, READING);
      throw error;
    }
  }

  private streamId(stream: string): StreamId {
    return { connector: this.id, stream };
  }
}
