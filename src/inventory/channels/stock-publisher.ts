import type { StockSink } from '../../../connectors/spi/index.ts';
import { onStockChange } from '../availability/live/stock-changes.ts';
import { readEscrow, skusInEscrow, type Escrow } from './read-escrow.ts';
import { InterruptibleSleep } from '../../platform/jobs/interruptible-sleep.ts';
import { backOffMs } from '../../platform/jobs/backoff.ts';
import type { ChangeBus } from '../../platform/bus/change-bus.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import type { Logger } from '../../platform/process/log.ts';
import { INACTIVE_MS, RETRIES, describeFailure, type SourceTask } from '../../sync/index.ts';
import { storePublished, publishedSkus, readPublished } from './publication-store.ts';

/** Everything is compared again so often: what was told may be doubtful by now, and a signal may have been lost. */
const SWEEP_MS = 300_000;
const MAX_TIMER_MS = 3_600_000;

export interface StockPublisherDeps {
  /** The source whose counter it is. */
  id: string;
  sink: StockSink;
  em: EntityManager;
  bus: ChangeBus;
  log: Logger;
  /** Whether it is this process that speaks to the source, and the source is not paused. */
  isActive: () => boolean;
}

/**
 * Publishes to the counter of a channel that sells by itself the number that it may sell: told of each change once it
 * is committed, with the newest value only, however many changes there were; what could not be told stays to be told.
 */
export class StockPublisher implements SourceTask {
  private readonly due = new Set<string>();
  /** SKUs whose escrow the clock will move, by the moment (of performance.now()). */
  private readonly byClock = new Map<string, number>();
  private readonly stopping = new AbortController();
  private everythingDue = true;
  private nextSweepAt = 0;
  private failures = 0;
  private failure: string | null = null;
  private unsubscribe: (() => void) | undefined;
  private readonly alarm = new InterruptibleSleep();
  private loop: Promise<void> | undefined;

  constructor(private readonly parts: StockPublisherDeps) {}

  start(): void {
    this.unsubscribe = onStockChange(
      this.parts.bus,
      (places) => {
        for (const { sku } of places) this.due.add(sku);
        this.ring();
      },
      () => this.runNow(),
    );
    this.loop = this.keepTelling();
  }

  async stop(): Promise<void> {
    this.unsubscribe?.();
    this.stopping.abort(new Error('the hub is stopping'));
    this.alarm.wake();
    await this.loop;
  }

  /** Compares everything soon, e.g. when this process has become the one that tells. */
  runNow(): void {
    this.everythingDue = true;
    this.ring();
  }

  /** Why the source cannot be told at the moment. */
  lastFailure(): string | null {
    return this.failure;
  }

  private async keepTelling(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.turn();
      await this.pause();
    }
  }

  private async turn(): Promise<void> {
    if (!this.parts.isActive()) {
      this.due.clear();
      this.everythingDue = true;
      return;
    }
    try {
      await this.gather();
      while (this.due.size > 0 && this.parts.isActive()) await this.tellSome();
      this.failures = 0;
      this.failure = null;
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      this.failures += 1;
      this.failure = describeFailure(error, 'publishing stock');
      this.parts.log.warn({ err: error, connector: this.parts.id }, 'stock could not be published');
    }
  }

  private async gather(): Promise<void> {
    const now = performance.now();
    for (const [sku, at] of this.byClock) if (at <= now) this.due.add(sku);
    if (!this.everythingDue && now < this.nextSweepAt) return;
    const em = this.parts.em.fork();
    // Those of which nothing is kept any more are told so.
    const all = [
      ...(await skusInEscrow(em, this.parts.sink.channel)),
      ...(await publishedSkus(em, this.parts.id)),
    ];
    for (const sku of all) this.due.add(sku);
    this.everythingDue = false;
    this.nextSweepAt = now + SWEEP_MS;
  }

  /** The newest values of some SKUs. What changes from here on is due again. */
  private async tellSome(): Promise<void> {
    const { sink, id } = this.parts;
    const skus = [...this.due].slice(0, sink.maxSkus);
    for (const sku of skus) this.due.delete(sku);
    try {
      const em = this.parts.em.fork();
      // Before their escrow: read after it, what is kept since would be told as the nothing that it was.
      const kept = new Set(await skusInEscrow(em, sink.channel, skus));
      const escrow = await readEscrow(em, sink.channel, skus);
      if (!escrow) return;
      this.remember(escrow);
      const known = await readPublished(em, id, skus);
      const changed = escrow.filter(({ sku, free, takenIn }) => {
        const before = known.get(sku);
        if (!before) return kept.has(sku); // nothing was ever kept of it: its stock is the source's own affair
        return before.isDoubtful || before.free !== free || before.takenIn !== takenIn;
      });
      if (changed.length === 0) return;
      const results = await sink.publishStock(
        changed.map(({ sku, free, takenIn }) => ({ sku, free, takenIn })),
        this.stopping.signal,
      );
      await storePublished(em, id, changed, results);
    } catch (error) {
      for (const sku of skus) this.due.add(sku);
      throw error;
    }
  }

  private remember(escrow: readonly Escrow[]): void {
    for (const { sku, nextChangeAt, asOf } of escrow) {
      if (nextChangeAt)
        this.byClock.set(sku, performance.now() + nextChangeAt.getTime() - asOf.getTime() + 1);
      else this.byClock.delete(sku);
    }
  }

  private async pause(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const hasWork = this.parts.isActive() && (this.due.size > 0 || this.everythingDue);
    if (hasWork && this.failures === 0) return;
    await this.alarm.sleep(this.waitMs());
  }

  /** After a failure, changes gather until it is time to try again. */
  private ring(): void {
    if (this.failures === 0) this.alarm.wake();
  }

  private waitMs(): number {
    if (this.failures > 0) return backOffMs(RETRIES, this.failures, 0.5); // not spread: a source has one counter
    if (!this.parts.isActive()) return INACTIVE_MS;
    let next = this.nextSweepAt;
    for (const at of this.byClock.values()) next = Math.min(next, at);
    return Math.min(MAX_TIMER_MS, Math.max(1, next - performance.now()));
  }
}
