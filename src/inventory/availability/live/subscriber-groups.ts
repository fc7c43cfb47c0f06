import type { EventReceiver, EventRenderer } from '../../../platform/api/shared-event-source.ts';
import type { AtpFeed } from './atp-feed.ts';
import { SubscriberGroup } from './subscriber-group.ts';
import { GroupSubscriber } from './group-subscriber.ts';
import { RenderedMessageCache } from './rendered-message-cache.ts';
import { liveSubscribers } from './live-feed.metrics.ts';
import type { LiveUpdate } from './latest-value-queue.ts';
import { balanceKeyString, type BalanceKey } from '../../model/balance-key.ts';

/** All audiences of one rendering. */
interface RendererGroup {
  messages: RenderedMessageCache;
  byPlace: Map<string, { audience: SubscriberGroup; unfollow: () => void }>;
}

/**
 * Subscriptions that are told by shared messages, by rendering and place: what a change costs to execute depends on how
 * many ways of telling it there are, not on how many are told. Nothing is kept of a place or a rendering that nobody
 * watches any more.
 */
export class SubscriberGroups {
  private readonly halls = new Map<EventRenderer<LiveUpdate>, RendererGroup>();

  constructor(private readonly feed: AtpFeed) {}

  /**
   * @param resume versions that the client says it has, by place
   * @returns what ends it
   */
  join(
    render: EventRenderer<LiveUpdate>,
    places: readonly BalanceKey[],
    resume: ReadonlyMap<string, string>,
    receiver: EventReceiver,
  ): () => void {
    const hall = this.hall(render);
    const member = new GroupSubscriber(receiver, hall.messages);
    for (const place of places) this.enter(hall, place, member, resume);
    void member.flush();
    liveSubscribers.inc();
    let isCounted = true;
    return () => {
      if (isCounted) liveSubscribers.dec();
      isCounted = false;
      member.leave();
      for (const { sku, pool } of places) this.exit(hall, balanceKeyString(sku, pool), member);
      if (hall.byPlace.size > 0 || this.halls.get(render) !== hall) return;
      hall.messages.forget();
      this.halls.delete(render);
    };
  }

  private hall(render: EventRenderer<LiveUpdate>): RendererGroup {
    const known = this.halls.get(render);
    if (known) return known;
    const hall: RendererGroup = { messages: new RenderedMessageCache(render), byPlace: new Map() };
    this.halls.set(render, hall);
    return hall;
  }

  private enter(
    hall: RendererGroup,
    place: BalanceKey,
    member: GroupSubscriber,
    resume: ReadonlyMap<string, string>,
  ): void {
    const key = balanceKeyString(place.sku, place.pool);
    const known = hall.byPlace.get(key);
    if (known) return known.audience.add(member, resume.get(key));
    const audience = new SubscriberGroup(key, hall.messages, () => this.feed.look(place));
    audience.add(member, resume.get(key));
    hall.byPlace.set(key, { audience, unfollow: this.feed.follow(place, audience) });
  }

  private exit(hall: RendererGroup, key: string, member: GroupSubscriber): void {
    const entered = hall.byPlace.get(key);
    if (!entered) return;
    entered.audience.remove(member);
    if (entered.audience.size > 0) return;
    entered.unfollow();
    hall.byPlace.delete(key);
  }
}
