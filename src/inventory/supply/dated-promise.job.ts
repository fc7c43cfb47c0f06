import type { EntityManager } from '../../platform/database/database.ts';
import { JobMeter } from '../../platform/jobs/job.metrics.ts';
import type { Logger } from '../../platform/process/log.ts';
import { IntervalLoop } from '../../platform/jobs/interval-loop.ts';
import type { StockEngine } from '../engine/stock-engine.ts';
import { settleBalances } from './settle-balances.ts';
import type { BalanceKey } from '../model/balance-key.ts';

const LOOK_MS = 30_000;
const PLACES_AT_ONCE = 500;

/**
 * Has promises for later days settled once a day, soon after midnight, where nobody has asked for the SKU since: no
 * number needs it, but whoever was promised goods that did not come must be told. Several processes may do it.
 */
export class DatedPromiseJob {
  private readonly meter = new JobMeter('dated-promises');
  private readonly turns = new IntervalLoop(LOOK_MS, () => this.run());

  constructor(
    private readonly em: EntityManager,
    private readonly engine: StockEngine,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.turns.start();
  }

  stop(): Promise<void> {
    return this.turns.stop();
  }

  /** Stores what time has done to balances since their midnight. Failed balances are tried again at the next run. */
  async run(): Promise<void> {
    try {
      await this.meter.measure(async () => settleBalances(this.engine, await this.unsettled()));
    } catch (error) {
      this.log.warn({ err: error }, 'promises for later days could not be settled; it is tried again');
    }
  }

  private unsettled(): Promise<BalanceKey[]> {
    return this.em.fork().execute<BalanceKey[]>(
      `with instant as materialized (select hub_now() as now)
       select sku, pool from instant, stock_balance join pool on code = pool
       where dated_held + dated_confirmed > 0
         and committed_at < date_trunc('day', now at time zone time_zone) at time zone time_zone
       order by pool, sku limit ?`,
      [PLACES_AT_ONCE],
    );
  }
}
