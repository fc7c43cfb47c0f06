import type { EntityManager } from '../../platform/database/database.ts';
import { isConnectionLoss } from '../../platform/database/connection-loss.ts';
import type { Logger } from '../../platform/process/log.ts';
import { deleteFailuresExcept, markFailed, sourceNameOf, type StreamId } from '../ingest/stream-store.ts';
import { describeFailure } from '../tasks/describe-failure.ts';
import { readHealth } from './pause-store.ts';
import type { StreamHealth } from './stream-health.ts';

/** The activity of reading a stream, as messages name it. */
export const READING = 'reading this stream';

interface SourceHealthDeps {
  id: string;
  em: EntityManager;
  log: Logger;
}

/** How the streams of one source are doing: of those that have been read, or tried. */
export class StreamHealthMap {
  private health = new Map<string, StreamHealth>();

  constructor(private readonly deps: SourceHealthDeps) {}

  streamNames(): string[] {
    return [...this.health.keys()];
  }

  /** The names of its streams in answers. */
  sourceNames(): string[] {
    return this.streamNames().map((stream) => sourceNameOf(this.streamId(stream)));
  }

  /** The stream that answers call `name`. */
  streamOf(name: string): string | undefined {
    return this.streamNames().find((stream) => sourceNameOf(this.streamId(stream)) === name);
  }

  get(stream: string): StreamHealth | undefined {
    return this.health.get(stream);
  }

  hasDegraded(): boolean {
    return [...this.health.values()].some(({ degraded }) => degraded);
  }

  /** Reads what the process that reads the source has stored of it. */
  async readStored(): Promise<void> {
    this.health = await readHealth(this.deps.em.fork(), this.deps.id);
  }

  recordRead(stream: string): void {
    this.health.set(stream, { asOf: new Date(), degraded: false, reason: null });
  }

  async recordFailure(stream: string, error: unknown): Promise<void> {
    const { id, em, log } = this.deps;
    const reason = describeFailure(error, READING);
    log.warn({ err: error, connector: id, stream }, 'a stream could not be read');
    const asOf = this.health.get(stream)?.asOf ?? null;
    this.health.set(stream, { asOf, degraded: true, reason });
    if (!isConnectionLoss(error))
      await this.ignoreStoreFailure(markFailed(em.fork(), this.streamId(stream), reason));
  }

  /** A stream that was removed or renamed fails no more. */
  async deleteExcept(names: string[]): Promise<void> {
    await this.ignoreStoreFailure(deleteFailuresExcept(this.deps.em.fork(), this.deps.id, names));
    for (const name of this.health.keys()) if (!names.includes(name)) this.health.delete(name);
  }

  /** A failure to store how a stream is doing does not keep the other streams from being read. */
  private async ignoreStoreFailure(storing: Promise<void>): Promise<void> {
    await storing.catch((error: unknown) => {
      this.deps.log.warn({ err: error, connector: this.deps.id }, 'how a stream is doing could not be noted');
    });
  }

  private streamId(stream: string): StreamId {
    return { connector: this.deps.id, stream };
  }
}
