import type { AtpReading } from '../read-availability.ts';
import { countMessage } from './live-feed.metrics.ts';
import { balanceKeyString } from '../../model/balance-key.ts';

/** One message of the live feed about one SKU. */
export interface LiveUpdate {
  kind: 'SNAPSHOT' | 'CHANGE';
  reading: AtpReading;
  /** The version this client was last told of. */
  previousVersion: string | null;
  /** Versions skipped since then, because the client was slow. */
  coalesced: number;
}

interface Pending {
  reading: AtpReading;
  coalesced: number;
}

/**
 * The newest reading of each balance that one client still needs: at most one value a SKU, the latest. A slow client
 * therefore costs the same memory whatever happens, and on waking gets the newest numbers.
 */
export class LatestValueQueue implements AsyncIterableIterator<LiveUpdate> {
  private readonly sent = new Map<string, string>();
  private readonly pending = new Map<string, Pending>();
  private readonly snapshots = new Set<string>();
  private wake: (() => void) | undefined;
  private ended = false;

  constructor(
    /** Versions that the client already has, by place: no snapshot for what has not moved since. */
    resume: ReadonlyMap<string, string>,
    private readonly onEnd: () => void,
  ) {
    for (const [place, version] of resume) this.sent.set(place, version);
  }

  /** Queues a reading; older than or equal to what the client has or will get, it is ignored. */
  offer(reading: AtpReading): void {
    const place = balanceKeyString(reading.sku, reading.pool);
    const waiting = this.pending.get(place);
    const known = waiting?.reading.version ?? this.sent.get(place);
    if (known !== undefined && !this.isNews(place, reading.version, known)) return;
    this.pending.set(place, { reading, coalesced: waiting ? waiting.coalesced + 1 : 0 });
    this.wake?.();
  }

  async next(): Promise<IteratorResult<LiveUpdate, undefined>> {
    while (!this.ended) {
      const [first] = this.pending;
      if (first) {
        const [place, pending] = first;
        this.pending.delete(place);
        return { done: false, value: this.update(place, pending) };
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = undefined;
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<LiveUpdate, undefined>> {
    this.ended = true;
    this.pending.clear();
    this.onEnd();
    this.wake?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** A client that resumes may know of versions that a restored database has never had: any other one is news. */
  private isNews(place: string, version: string, known: string): boolean {
    const resuming = !this.snapshots.has(place) && !this.pending.has(place);
    return resuming ? version !== known : version > known;
  }

  private update(place: string, { reading, coalesced }: Pending): LiveUpdate {
    const previousVersion = this.sent.get(place) ?? null;
    const kind = this.snapshots.has(place) ? 'CHANGE' : 'SNAPSHOT';
    this.snapshots.add(place);
    this.sent.set(place, reading.version);
    countMessage(coalesced, kind === 'CHANGE' ? reading.noticedAt : undefined);
    return { kind, reading, previousVersion, coalesced };
  }
}
