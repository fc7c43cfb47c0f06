import type { EntityManager } from '../../platform/database/database.ts';
import { JobMeter } from '../../platform/jobs/job.metrics.ts';
import type { Logger } from '../../platform/process/log.ts';
import { IntervalLoop } from '../../platform/jobs/interval-loop.ts';
import type { StockEngine } from '../engine/stock-engine.ts';
import { LIVE_LINE } from '../availability/read-availability.sql.ts';
import { settleBalances } from '../supply/settle-balances.ts';
import type { BalanceKey } from '../model/balance-key.ts';

const LOOK_MS = 1_000;
const PLACES_AT_ONCE = 500;

/**
 * Has holds that have ended written down as such, where somebody is to be told of it. Nobody else needs it: every
 * number leaves them out from their instant on, and the next command on the SKU takes them home. Several processes may
 * do it.
 */
export class ExpiredHoldJob {
  private readonly meter = new JobMeter('expired-holds');
  private readonly turns = new IntervalLoop(LOOK_MS, () => this.run());

  constructor(
    private readonly em: EntityManager,
    private readonly engine: StockEngine,
    private readonly isWanted: () => boolean,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.turns.start();
  }

  stop(): Promise<void> {
    return this.turns.stop();
  }

  /** Failed holds are tried again at the next run. */
  async run(): Promise<void> {
    if (!this.isWanted()) return;
    try {
      await this.meter.measure(async () => settleBalances(this.engine, await this.ended()));
    } catch (error) {
      this.log.warn({ err: error }, 'holds that have ended could not be reclaimed; it is tried again');
    }
  }

  /** Read from the index of live lines alone; the instant comes from a subquery, since a volatile function is no bound. */
  private ended(): Promise<BalanceKey[]> {
    return this.em.fork().execute<BalanceKey[]>(
      `select distinct sku, pool from reservation_line
       where hold_expires_at <= (select hub_now()) and ${LIVE_LINE}
       order by pool, sku limit ?`,
      [PLACES_AT_ONCE],
    );
  }
}
