import type { RawRecord, Source } from '../../../connectors/spi/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import type { Logger } from '../../platform/process/log.ts';
import { inSpan } from '../../platform/tracing/tracer.ts';
import { retryRecords, ingestPage, ingestReread } from '../ingest/ingest-page.ts';
import { markIngested, pendingHints, type PendingHint } from '../ingest/push-inbox.ts';
import { deleteExpiredRawRecords, rawPages } from '../ingest/raw-record-store.ts';
import type { RecordImporters } from '../ingest/record-importers.ts';
import { markRead, readResumePoint, type StreamId } from '../ingest/stream-store.ts';
import type { StreamHealthMap } from './stream-health-map.ts';
import type { BrokenStream, ReadyStream } from './source-streams.ts';

interface StreamReaderDeps {
  id: string;
  source: Source;
  em: EntityManager;
  importers: RecordImporters;
  log: Logger;
  /** How many days records are stored as the source had them; not at all if left out. */
  rawDays?: number;
  health: StreamHealthMap;
  discover: () => Promise<(ReadyStream | BrokenStream)[]>;
  signal: AbortSignal;
}

/** Reads the streams of one source into the hub: from their cursors, and what pushes have hinted at. */
export class StreamReader {
  constructor(private readonly deps: StreamReaderDeps) {}

  /** Reads a stream to its end. A failure is recorded, and never stops the others. */
  async syncStream(one: ReadyStream | BrokenStream): Promise<void> {
    const { name } = one.stream;
    try {
      if ('problem' in one) throw one.problem;
      await inSpan(`read ${this.deps.id}/${name}`, {}, () => this.readStream(one));
      this.deps.health.recordRead(name);
    } catch (error) {
      if (this.deps.signal.aborted) return;
      await this.deps.health.recordFailure(name, error);
    }
  }

  /** Reads what pushes have carried, or hinted at: the records as they are now, or the stream on from its cursor. */
  async rereadHinted(): Promise<void> {
    const { em, id, signal } = this.deps;
    for (;;) {
      const hints = await pendingHints(em.fork(), id);
      if (hints.length === 0 || signal.aborted) return;
      const streams = await this.deps.discover();
      for (const [name, some] of Map.groupBy(hints, ({ stream }) => stream)) {
        const one = streams.find(({ stream }) => stream.name === name);
        if (one && !(await this.rereadStream(one, some))) return; // they stay, and are tried again
        await markIngested(em.fork(), some);
      }
    }
  }

  /** Maps and imports records of dead letters again. */
  async retry({ stream, mapping }: ReadyStream, records: RawRecord[]): Promise<void> {
    await retryRecords(this.deps, this.streamId(stream.name), mapping, records);
  }

  private async readStream({ stream, mapping, mappingDigest }: ReadyStream): Promise<void> {
    const { em, source, rawDays, signal } = this.deps;
    const id = this.streamId(stream.name);
    const { cursor, ask, mappingDigest: before } = await readResumePoint(em.fork(), id);
    if (rawDays && before !== null && before !== mappingDigest)
      for await (const records of rawPages(em.fork(), id))
        await retryRecords(this.deps, id, mapping, records);
    for await (const page of source.read(stream, cursor, signal))
      await ingestPage(this.deps, id, mapping, page, ask);
    await markRead(em.fork(), id, mappingDigest, ask);
    if (rawDays) await deleteExpiredRawRecords(em.fork(), this.deps.id, rawDays);
  }

  private async rereadStream(
    one: ReadyStream | BrokenStream,
    hints: readonly PendingHint[],
  ): Promise<boolean> {
    const { source, signal, health } = this.deps;
    const carried = hints.flatMap(({ records }) => records ?? []);
    const named = hints.filter(({ records }) => records === null);
    if (named.some(({ recordIds }) => recordIds.length === 0)) await this.syncStream(one);
    // The stream says what is wrong. Its next read finds what was hinted at; what was carried is nowhere else.
    if ('problem' in one) return carried.length === 0;
    const ids = [...new Set(named.flatMap(({ recordIds }) => recordIds))];
    try {
      const read = ids.length === 0 ? [] : await source.webhook!.readBack(one.stream, ids, signal);
      await ingestReread(this.deps, this.streamId(one.stream.name), one.mapping, [...carried, ...read]);
      return true;
    } catch (error) {
      if (!signal.aborted) await health.recordFailure(one.stream.name, error);
      return false;
    }
  }

  private streamId(stream: string): StreamId {
    return { connector: this.deps.id, stream };
  }
}
