import type { Receiver, Rendering, SharedSource } from '../../../platform/api/shared-event-source.ts';
import type { AtpAudiences } from './subscriber-groups.ts';
import type { AtpFeed } from './atp-feed.ts';
import type { LiveUpdate } from './latest-value-queue.ts';
import type { StockPlace } from '../../model/balance-key.ts';

/** What a subscription wants to be told of; it begins when it is iterated, or shared. */
export class AtpWatch implements SharedSource<LiveUpdate> {
  readonly choosing = ['skus', 'resume'];

  constructor(
    private readonly feed: AtpFeed,
    private readonly audiences: AtpAudiences,
    private readonly places: readonly StockPlace[],
    /** Versions that the client has, by place. */
    private readonly resume: ReadonlyMap<string, string>,
  ) {}

  [Symbol.asyncIterator](): AsyncIterableIterator<LiveUpdate> {
    return this.feed.watch(this.places, this.resume);
  }

  share(render: Rendering<LiveUpdate>, receiver: Receiver): () => void {
    return this.audiences.join(render, this.places, this.resume, receiver);
  }
}
