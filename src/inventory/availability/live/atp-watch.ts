import type {
  EventReceiver,
  EventRenderer,
  SharedEventSource,
} from '../../../platform/api/shared-event-source.ts';
import type { SubscriberGroups } from './subscriber-groups.ts';
import type { AtpFeed } from './atp-feed.ts';
import type { LiveUpdate } from './latest-value-queue.ts';
import type { BalanceKey } from '../../model/balance-key.ts';

/** The balances and scope of one subscription; it begins when it is iterated, or shared. */
export class AtpWatch implements SharedEventSource<LiveUpdate> {
  readonly filterArguments = ['skus', 'resume'];

  constructor(
    private readonly feed: AtpFeed,
    private readonly audiences: SubscriberGroups,
    private readonly places: readonly BalanceKey[],
    /** Versions that the client has, by place. */
    private readonly resume: ReadonlyMap<string, string>,
  ) {}

  [Symbol.asyncIterator](): AsyncIterableIterator<LiveUpdate> {
    return this.feed.watch(this.places, this.resume);
  }

  subscribe(render: EventRenderer<LiveUpdate>, receiver: EventReceiver): () => void {
    return this.audiences.join(render, this.places, this.resume, receiver);
  }
}
