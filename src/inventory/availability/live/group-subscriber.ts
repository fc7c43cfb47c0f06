import type { EventReceiver } from '../../../platform/api/shared-event-source.ts';
import type { AtpReading } from '../read-availability.ts';
import type { RenderedMessageCache } from './rendered-message-cache.ts';
import { countMessage } from './live-feed.metrics.ts';
import type { LiveUpdate } from './latest-value-queue.ts';

/** The readings that a subscriber who is behind still needs of one balance. */
interface Owed {
  kind: LiveUpdate['kind'];
  /** Undefined: in doubt. The client has `previousVersion`, and whether it needs more is not known yet. */
  reading: AtpReading | undefined;
  previousVersion: string | null;
  coalesced: number;
  /** In doubt, and one reading was older than what the client has: that one may have begun before the client came. */
  wasOlder?: boolean;
}

/**
 * One subscription among those that are told by the same messages. In step, it keeps nothing of its own. Behind (new,
 * resuming, or slow), it keeps at most one value a place, the latest, and is sent messages of its own until nothing is
 * owed any more.
 */
export class GroupSubscriber {
  private owed: Map<string, Owed> | undefined;
  private paying = false;
  private left = false;

  constructor(
    private readonly receiver: EventReceiver,
    private readonly messages: RenderedMessageCache,
  ) {}

  /** Sends an update to this subscriber together with all others. */
  tell(place: string, update: LiveUpdate, message: Buffer): void {
    if (this.left) return;
    if (!this.owed && this.receiver.ready) return this.receiver.send(message);
    const owed = (this.owed ??= new Map()).get(place);
    if (!owed) this.owed.set(place, { ...update });
    else if (owed.reading) {
      Object.assign(owed, news(owed, update));
      countMessage(1, undefined); // its own wait has passed over one more
    } else return;
    void this.flush();
  }

  /**
   * Queues the current reading for this subscriber.
   * @param known the version that the client says it has
   */
  enqueue(place: string, reading: AtpReading | undefined, known: string | undefined): void {
    this.owed ??= new Map();
    this.owed.set(place, { kind: 'SNAPSHOT', reading, previousVersion: known ?? null, coalesced: 0 });
  }

  /**
   * Resolves a resume conflict: a client that resumes is sent what differs from what it has. It may know of versions
   * that a restored database has never had; so one that is older in two readings is news as well.
   * @returns whether there is no doubt any more
   */
  settle(place: string, reading: AtpReading): boolean {
    const owed = this.owed?.get(place);
    if (!owed || owed.reading) return true;
    if (reading.version < owed.previousVersion! && !owed.wasOlder) {
      owed.wasOlder = true;
      return false;
    }
    if (reading.version === owed.previousVersion) this.owed!.delete(place);
    else owed.reading = reading;
    void this.flush();
    return true;
  }

  /** Sends what is owed, as fast as the receiver takes it. */
  async flush(): Promise<void> {
    if (this.paying || !this.owed) return;
    this.paying = true;
    for (let next = this.next(); next; next = this.next()) {
      if (!this.receiver.ready) return this.receiver.whenReady(() => this.payAgain());
      this.owed.delete(next.place);
      const made = this.messages.get(next.update);
      const message = Buffer.isBuffer(made) ? made : await made;
      if (this.left) return;
      this.receiver.send(message);
    }
    this.paying = false;
    if (this.owed.size === 0) this.owed = undefined; // in step again
  }

  leave(): void {
    this.left = true;
    this.owed = undefined;
  }

  end(): void {
    this.receiver.end();
  }

  private payAgain(): void {
    this.paying = false;
    void this.flush();
  }

  private next(): { place: string; update: LiveUpdate } | undefined {
    for (const [place, { kind, reading, previousVersion, coalesced }] of this.owed ?? [])
      if (reading) return { place, update: { kind, reading, previousVersion, coalesced } };
    return undefined;
  }
}

function news(owed: Owed, { reading, coalesced }: LiveUpdate): Pick<Owed, 'reading' | 'coalesced'> {
  return { reading, coalesced: owed.coalesced + coalesced + 1 };
}
