import { turns } from '../../../platform/process/event-loop-turns.ts';
import type { AtpReading } from '../read-availability.ts';
import type { GroupSubscriber } from './group-subscriber.ts';
import type { RenderedMessageCache } from './rendered-message-cache.ts';
import { countMessage } from './live-feed.metrics.ts';
import type { LiveUpdate } from './latest-value-queue.ts';

/** After so many members, some 1 ms, others may have their turn: ten thousand may watch each of many places. */
const AT_ONCE = 128;

/**
 * All who watch one place by one rendering. A reading becomes one message for all who are in step; while that is made
 * and sent, newer readings wait, of them only the latest.
 */
export class SubscriberGroup {
  private readonly members = new Set<GroupSubscriber>();
  /** Members that say they have a newer version than is known here. */
  private resumeConflicts: Set<GroupSubscriber> | undefined;
  /** The last reading that subscribers in step were sent. */
  private lastSent: AtpReading | undefined;
  /** The version that they have been told, or will be. */
  private newest: string | undefined;
  private waiting: { reading: AtpReading; coalesced: number } | undefined;
  private telling = false;

  constructor(
    private readonly place: string,
    private readonly messages: RenderedMessageCache,
    /** Has the place read again. */
    private readonly lookAgain: () => void,
  ) {}

  get size(): number {
    return this.members.size;
  }

  /** @param known the version that the client says it has */
  add(member: GroupSubscriber, known: string | undefined): void {
    this.members.add(member);
    const { lastSent } = this;
    if (known !== undefined && (!lastSent || known > lastSent.version)) {
      member.enqueue(this.place, undefined, known);
      (this.resumeConflicts ??= new Set()).add(member);
      if (lastSent) this.lookAgain();
    } else if (lastSent && known !== lastSent.version) {
      member.enqueue(this.place, lastSent, known);
    }
  }

  remove(member: GroupSubscriber): void {
    this.members.delete(member);
    this.resumeConflicts?.delete(member);
  }

  offer(reading: AtpReading): void {
    if (this.newest && reading.version <= this.newest) {
      if (reading.version === this.lastSent?.version) this.lastSent = reading; // true at a later instant
      if (!this.telling) this.resolveResumeConflicts();
      return;
    }
    this.newest = reading.version;
    this.waiting = { reading, coalesced: this.waiting ? this.waiting.coalesced + 1 : 0 };
    if (!this.telling) void this.tellAll();
  }

  /** The feed ends. */
  return(): void {
    for (const member of this.members) member.end();
  }

  private async tellAll(): Promise<void> {
    this.telling = true;
    for (let next = this.waiting; next; next = this.waiting) {
      this.waiting = undefined;
      const update: LiveUpdate = {
        ...next,
        kind: this.lastSent ? 'CHANGE' : 'SNAPSHOT',
        previousVersion: this.lastSent?.version ?? null,
      };
      const made = this.messages.get(update);
      const message = Buffer.isBuffer(made) ? made : await made;
      this.lastSent = next.reading;
      await this.tell(update, message);
      countMessage(update.coalesced, update.kind === 'CHANGE' ? next.reading.noticedAt : undefined);
      this.resolveResumeConflicts();
    }
    this.telling = false;
  }

  private async tell(update: LiveUpdate, message: Buffer): Promise<void> {
    if (this.members.size <= AT_ONCE && !turns.isOver()) {
      for (const member of this.members) member.tell(this.place, update, message);
      return;
    }
    // A copy: who comes meanwhile was given this reading when it came.
    const members = [...this.members];
    for (let from = 0; from < members.length; from += AT_ONCE) {
      const tellSome = () => {
        for (let at = from; at < Math.min(from + AT_ONCE, members.length); at++)
          members[at]!.tell(this.place, update, message);
      };
      if (turns.isOver()) await turns.later(tellSome);
      else tellSome();
    }
  }

  /** Reads the database once more where a client has reported a newer version. */
  private resolveResumeConflicts(): void {
    const { resumeConflicts, lastSent } = this;
    if (!resumeConflicts || !lastSent) return;
    for (const member of resumeConflicts)
      if (member.settle(this.place, lastSent)) resumeConflicts.delete(member);
    if (resumeConflicts.size > 0) this.lookAgain();
    else this.resumeConflicts = undefined;
  }
}
