import { v7 as uuidv7 } from 'uuid';
import type { EntityManager } from '../platform/database.ts';
import { idempotencyOf } from '../platform/idempotency.ts';
import type { Logger } from '../platform/log.ts';
import { Periodic } from '../platform/periodic.ts';
import type { StockPlace } from './engine/locked-rows.ts';
import type { PromiseEngine } from './promise-engine.ts';

const LOOK_MS = 1_000;
const PLACES_AT_ONCE = 500;
const PLACES_A_COMMAND = 50;
const clock = { partner: 'hub:clock', name: 'clock', admin: false };

/**
 * Has holds that have ended written down as such, where somebody is to be told of it. Nobody else needs it: every
 * number leaves them out from their instant on, and the next command on the SKU takes them home. Several processes may
 * do it.
 */
export class HoldReclaimer {
  private readonly turns = new Periodic(LOOK_MS, () => this.look());

  constructor(
    private readonly em: EntityManager,
    private readonly engine: PromiseEngine,
    private readonly isWanted: () => boolean,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.turns.start();
  }

  stop(): Promise<void> {
    return this.turns.stop();
  }

  /** What fails is looked at again. */
  async look(): Promise<void> {
    if (!this.isWanted()) return;
    try {
      for (const [pool, places] of Map.groupBy(await this.ended(), (place) => place.pool))
        for (let from = 0; from < places.length; from += PLACES_A_COMMAND)
          await this.reclaim(pool, places.slice(from, from + PLACES_A_COMMAND));
    } catch (error) {
      this.log.warn({ err: error }, 'holds that have ended could not be reclaimed; it is tried again');
    }
  }

  /** Locking the balances is all it takes. */
  private async reclaim(pool: string, places: StockPlace[]): Promise<void> {
    const command = { type: 'settle' as const, pool, lines: places.map(({ sku }) => ({ sku })) };
    const idempotency = idempotencyOf('settle', { idempotencyKey: uuidv7() });
    await this.engine.plan({ command, idempotency, actor: clock });
  }

  /** Read from the index of held lines alone. */
  private ended(): Promise<StockPlace[]> {
    return this.em.fork().execute<StockPlace[]>(
      `select distinct sku, pool from reservation_line where hold_expires_at <= hub_now()
       order by pool, sku limit ?`,
      [PLACES_AT_ONCE],
    );
  }
}
