import type { ChangeBus } from '../../../platform/bus/change-bus.ts';
import type { Logger } from '../../../platform/process/log.ts';
import { IntervalLoop } from '../../../platform/jobs/interval-loop.ts';
import { STOCK_TOPIC } from './stock-changes.ts';
import type { AtpReading } from '../read-availability.ts';
import { liveSubscribers } from './live-feed.metrics.ts';
import { LatestValueQueue, type LiveUpdate } from './latest-value-queue.ts';
import { balanceKeyString, type BalanceKey } from '../../model/balance-key.ts';

/** A lost signal is noticed at the latest after this time. */
const SWEEP_MS = 5_000;
const RETRY_MS = 200;
/** A midnight, a gap or a storm of clients asks about everything at once; no statement grows with it. */
const MAX_PLACES_A_READ = 1_000;
/**
 * Changes due sooner have a timer of their own, in ms; for the rest it is looked every second, since a timer for each
 * is 0.4 kB.
 */
const SOON_MS = 2_000;
const LOOK_FOR_DUE_MS = 1_000;
/** Changes due later are read again before, in ms: this clock and the database's drift apart. */
const MAX_WAIT_MS = 3_600_000;

/** A consumer that is offered every reading of a balance; most of them are no news. */
export interface Follower {
  offer(reading: AtpReading): void;
  /** The feed ends. */
  return(): unknown;
}

/** Where promises are read. */
export interface PromiseSource {
  /** In the order of `places`. */
  read(places: readonly BalanceKey[]): Promise<AtpReading[]>;
  /** Of readings, the places that have been committed to since; much cheaper than to read all of them. */
  moved(readings: readonly Pick<AtpReading, 'sku' | 'pool' | 'version'>[]): Promise<BalanceKey[]>;
}

interface Topic {
  place: BalanceKey;
  reading: AtpReading | undefined;
  subscribers: Set<Follower>;
  /** When a change was heard of that has not been read yet, by performance.now(). */
  noticedAt: number | undefined;
  /** When the clock alone changes the number, by `performance.now()`. */
  dueAt: number;
  /** Set when that is soon. */
  alarm: NodeJS.Timeout | undefined;
}

/**
 * The live promise: keeps the newest reading of every watched place and offers it to its subscribers. State-based: a
 * signal only says where to look again; what is sent is what the database says, in version order. Subscribers are
 * held by place, so that a change costs nothing to those who watch something else.
 */
export class AtpFeed {
  private readonly topics = new Map<string, Topic>();
  private readonly dirty = new Set<string>();
  private refreshing: Promise<void> | undefined;
  private readonly unsubscribe: () => void;
  private readonly sweep: IntervalLoop;
  private readonly dueLook: IntervalLoop;
  private closed = false;

  constructor(
    private readonly bus: ChangeBus,
    private readonly source: PromiseSource,
    private readonly log: Logger,
    sweepMs = SWEEP_MS,
  ) {
    this.unsubscribe = bus.subscribe(
      STOCK_TOPIC,
      (keys) => {
        this.noticeChange(keys);
        this.refreshSoon(keys);
      },
      () => this.refreshSoon([...this.topics.keys()]),
    );
    this.sweep = new IntervalLoop(sweepMs, () => this.sweepMissed());
    this.sweep.start();
    this.dueLook = new IntervalLoop(LOOK_FOR_DUE_MS, () => this.refreshDue());
    this.dueLook.start();
  }

  /** Publishes to all processes that these balances have changed; called after the commit. */
  publish(places: readonly BalanceKey[]): void {
    if (places.length === 0) return;
    this.bus.publish(
      STOCK_TOPIC,
      places.map(({ sku, pool }) => balanceKeyString(sku, pool)),
    );
  }

  /**
   * Snapshots of the places that have moved since `resume`, then every change, until the iterator is returned.
   * @param resume versions that the client has, in the order of `places`
   */
  watch(
    places: readonly BalanceKey[],
    resume: ReadonlyMap<string, string>,
  ): AsyncIterableIterator<LiveUpdate> {
    const keys = places.map(({ sku, pool }) => balanceKeyString(sku, pool));
    let isCounted = true;
    liveSubscribers.inc();
    const subscriber: LatestValueQueue = new LatestValueQueue(resume, () => {
      if (isCounted) liveSubscribers.dec();
      isCounted = false;
      this.forget(subscriber, keys);
    });
    places.forEach((place, index) => this.topic(keys[index]!, place).subscribers.add(subscriber));
    this.refreshSoon(keys, true);
    return subscriber;
  }

  /**
   * Offers the follower the reading that is held, or the next one, and each after it.
   * @returns what ends that
   */
  follow(place: BalanceKey, follower: Follower): () => void {
    const key = balanceKeyString(place.sku, place.pool);
    const topic = this.topic(key, place);
    topic.subscribers.add(follower);
    if (topic.reading && !this.dirty.has(key)) follower.offer(topic.reading);
    else this.refreshSoon([key]);
    return () => this.forget(follower, [key]);
  }

  /** Whether somebody watches the place; then it exists. */
  watches({ sku, pool }: BalanceKey): boolean {
    return this.topics.has(balanceKeyString(sku, pool));
  }

  /** Reads the place again, and offers the reading though it may be no news. */
  look({ sku, pool }: BalanceKey): void {
    this.refreshSoon([balanceKeyString(sku, pool)]);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.unsubscribe();
    for (const topic of this.topics.values()) {
      clearTimeout(topic.alarm);
      for (const subscriber of topic.subscribers) await subscriber.return();
    }
    await this.dueLook.stop();
    await this.sweep.stop();
    await this.refreshing;
  }

  /** Commits whose signal was lost, or that had none. What the clock changes has a timer of its own. */
  private async sweepMissed(): Promise<void> {
    const readings = [...this.topics.values()].flatMap(({ reading }) => reading ?? []);
    if (readings.length === 0 || this.closed) return;
    try {
      for (const { sku, pool } of await this.source.moved(readings))
        this.refreshSoon([balanceKeyString(sku, pool)]);
    } catch (error) {
      this.log.warn({ err: error }, 'the live feed could not look for lost signals; it tries again');
    }
  }

  private topic(key: string, place: BalanceKey): Topic {
    const known = this.topics.get(key);
    if (known) return known;
    const topic: Topic = {
      place,
      reading: undefined,
      subscribers: new Set(),
      noticedAt: undefined,
      dueAt: Infinity,
      alarm: undefined,
    };
    this.topics.set(key, topic);
    return topic;
  }

  private forget(subscriber: Follower, keys: readonly string[]): void {
    for (const key of keys) {
      const topic = this.topics.get(key);
      topic?.subscribers.delete(subscriber);
      if (!topic || topic.subscribers.size > 0) continue;
      clearTimeout(topic.alarm);
      this.topics.delete(key);
    }
  }

  private noticeChange(keys: readonly string[]): void {
    const now = performance.now();
    for (const key of keys) {
      const topic = this.topics.get(key);
      if (topic) topic.noticedAt ??= now;
    }
  }

  private refreshSoon(keys: readonly string[], always = false): void {
    for (const key of keys) if (always || this.topics.has(key)) this.dirty.add(key);
    if (this.dirty.size > 0 && !this.closed) this.refreshing ??= this.refresh();
  }

  /** Reads places that need it in one statement; what changes meanwhile, or is too much, is read in the next. */
  private async refresh(): Promise<void> {
    while (this.dirty.size > 0 && !this.closed) {
      const keys = [...this.dirty.values().take(MAX_PLACES_A_READ)];
      for (const key of keys) this.dirty.delete(key);
      const topics = keys.flatMap((key) => this.topics.get(key) ?? []);
      const noticed = topics.map(({ noticedAt }) => noticedAt);
      for (const topic of topics) topic.noticedAt = undefined;
      try {
        const readings = await this.source.read(topics.map(({ place }) => place));
        topics.forEach((topic, index) =>
          this.take(topic, { ...readings[index]!, noticedAt: noticed[index] }),
        );
      } catch (error) {
        this.log.warn({ err: error }, 'the live feed could not read; it tries again');
        for (const key of keys) this.dirty.add(key);
        topics.forEach((topic, index) => (topic.noticedAt ??= noticed[index]));
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
    this.refreshing = undefined;
  }

  private take(topic: Topic, reading: AtpReading): void {
    if (topic.subscribers.size === 0) return; // forgotten while it was read
    if (topic.reading === undefined || reading.version >= topic.reading.version) {
      topic.reading = reading;
      this.scheduleNextChange(topic, reading);
    }
    for (const subscriber of topic.subscribers) subscriber.offer(topic.reading);
  }

  /** The clock alone changes numbers (holds, quotas, presales, midnight): look at that instant, of the database's clock. */
  private scheduleNextChange(topic: Topic, { nextChangeAt, asOf }: AtpReading): void {
    clearTimeout(topic.alarm);
    topic.alarm = undefined;
    topic.dueAt = Infinity;
    if (!nextChangeAt) return;
    const wait = nextChangeAt.getTime() - asOf.getTime() + 1;
    topic.dueAt = performance.now() + Math.min(wait, MAX_WAIT_MS);
    this.setAlarmIfSoon(topic);
  }

  private setAlarmIfSoon(topic: Topic): void {
    const wait = topic.dueAt - performance.now();
    if (topic.alarm || wait > SOON_MS) return;
    const key = balanceKeyString(topic.place.sku, topic.place.pool);
    topic.alarm = setTimeout(() => this.refreshSoon([key]), wait).unref();
  }

  private async refreshDue(): Promise<void> {
    for (const topic of this.topics.values()) this.setAlarmIfSoon(topic);
  }
}
