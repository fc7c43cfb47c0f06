import type { Receiver, Rendering } from '../../../platform/api/shared-event-source.ts';
import type { AtpFeed } from './atp-feed.ts';
import { Audience } from './subscriber-group.ts';
import { Member } from './group-subscriber.ts';
import { Messages } from './rendered-message-cache.ts';
import type { LiveUpdate } from './latest-value-queue.ts';
import { balanceKey, type StockPlace } from '../../model/balance-key.ts';

/** All audiences of one rendering. */
interface Hall {
  messages: Messages;
  byPlace: Map<string, { audience: Audience; unfollow: () => void }>;
}

/**
 * Subscriptions that are told by shared messages, by rendering and place: what a change costs to execute depends on how
 * many ways of telling it there are, not on how many are told. Nothing is kept of a place or a rendering that nobody
 * watches any more.
 */
export class AtpAudiences {
  private readonly halls = new Map<Rendering<LiveUpdate>, Hall>();

  constructor(private readonly feed: AtpFeed) {}

  /**
   * @param resume versions that the client says it has, by place
   * @returns what ends it
   */
  join(
    render: Rendering<LiveUpdate>,
    places: readonly StockPlace[],
    resume: ReadonlyMap<string, string>,
    receiver: Receiver,
  ): () => void {
    const hall = this.hall(render);
    const member = new Member(receiver, hall.messages);
    for (const place of places) this.enter(hall, place, member, resume);
    void member.pay();
    return () => {
      member.leave();
      for (const { sku, pool } of places) this.exit(hall, balanceKey(sku, pool), member);
      if (hall.byPlace.size > 0 || this.halls.get(render) !== hall) return;
      hall.messages.forget();
      this.halls.delete(render);
    };
  }

  private hall(render: Rendering<LiveUpdate>): Hall {
    const known = this.halls.get(render);
    if (known) return known;
    const hall: Hall = { messages: new Messages(render), byPlace: new Map() };
    this.halls.set(render, hall);
    return hall;
  }

  private enter(hall: Hall, place: StockPlace, member: Member, resume: ReadonlyMap<string, string>): void {
    const key = balanceKey(place.sku, place.pool);
    const known = hall.byPlace.get(key);
    if (known) return known.audience.add(member, resume.get(key));
    const audience = new Audience(key, hall.messages, () => this.feed.look(place));
    audience.add(member, resume.get(key));
    hall.byPlace.set(key, { audience, unfollow: this.feed.follow(place, audience) });
  }

  private exit(hall: Hall, key: string, member: Member): void {
    const entered = hall.byPlace.get(key);
    if (!entered) return;
    entered.audience.remove(member);
    if (entered.audience.size > 0) return;
    entered.unfollow();
    hall.byPlace.delete(key);
  }
}
