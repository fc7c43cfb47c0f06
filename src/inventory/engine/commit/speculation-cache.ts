import { promisableQuantity } from '../../model/available-to-promise.ts';
import { type Reserve, type Submission, isForLater } from '../command.ts';
import { LockedStock } from '../state/locked-stock.ts';
import { DatabaseClock } from './database-clock.ts';
import { balanceKeyString } from '../../model/balance-key.ts';
import { noRows, type ChannelPolicy, type LockedBalance, type PoolPolicy } from '../state/locked-rows.ts';

/** Balances that are remembered; beyond that, memory starts anew. */
const MAX_BALANCES = 20_000;

interface Remembered {
  balance: LockedBalance;
  /** Whether the last batch found it as the one before had left it: nobody else writes it. */
  isOurs: boolean;
}

/**
 * The rows as the engine's last batches left them: enough to decide the next reservations before the locks are held.
 * It may be wrong, so whoever decides by it asks under the locks (foreseen.sql.ts). It is told nothing of balances
 * with quotas, presales or promises for later days.
 */
export class SpeculationCache {
  private readonly balances = new Map<string, Remembered>();
  private channels = new Map<string, ChannelPolicy>();
  private pools = new Map<string, PoolPolicy>();
  private readonly clock = new DatabaseClock();

  /** Whether anything can be foreseen at the moment `at`. */
  isReady(at: number): boolean {
    return this.clock.isReady(at);
  }

  /** Records the rows that a locked batch has read, at the moment `at`; to be called before it decides. */
  recordLocked(stock: LockedStock, at: number): void {
    this.clock.read(stock.now, at);
    this.channels = new Map([...this.channels, ...stock.channels]);
    this.pools = new Map(stock.pools);
    for (const balance of stock.allBalances()) {
      const known = this.balances.get(balanceKeyString(balance.sku, balance.pool));
      if (known) known.isOurs = isSame(known.balance, balance);
    }
  }

  /** Records the rows that a batch leaves. */
  recordResult(stock: LockedStock): void {
    if (this.balances.size > MAX_BALANCES) this.balances.clear();
    for (const balance of stock.allBalances()) {
      const key = balanceKeyString(balance.sku, balance.pool);
      const isOurs = this.balances.get(key)?.isOurs ?? false;
      if (isPlain(balance)) this.balances.set(key, { balance: { ...balance }, isOurs });
      else this.balances.delete(key);
    }
  }

  /** A batch that was decided ahead is committed; it has read the database's clock. */
  recordCommit(now: Date, at: number): void {
    this.clock.confirm(now, at);
  }

  /** Nothing is as it was remembered. */
  clear(): void {
    this.balances.clear();
    this.channels.clear();
    this.clock.doubt();
  }

  /**
   * The rows as the submissions will find them at the moment `at`, if all of them are reservations of today's units of
   * balances that are ours.
   */
  stockFor(submissions: readonly Submission[], at: number): LockedStock | undefined {
    if (!this.isReady(at) || hasTwice(submissions)) return undefined;
    const balances = new Map<string, LockedBalance>();
    const channels = new Map<string, ChannelPolicy>();
    for (const { command } of submissions) {
      const pool = command.type === 'reserve' ? this.poolOf(command) : undefined;
      if (pool === undefined) return undefined;
      const { channel } = command as Reserve;
      channels.set(channel, this.channels.get(channel)!);
      for (const { sku } of (command as Reserve).lines) {
        const key = balanceKeyString(sku, pool);
        const known = this.balances.get(key);
        if (!known?.isOurs) return undefined;
        if (!balances.has(key)) balances.set(key, { ...known.balance });
      }
    }
    return this.stockOf([...balances.values()], [...channels.values()], at);
  }

  private poolOf(command: Reserve): string | undefined {
    if (isForLater(command)) return undefined;
    const channel = this.channels.get(command.channel);
    const pool = command.pool ?? channel?.pool;
    return channel && pool !== undefined && this.pools.has(pool) ? pool : undefined;
  }

  private stockOf(balances: LockedBalance[], channels: ChannelPolicy[], at: number): LockedStock {
    return new LockedStock({
      ...noRows(this.clock.timeAt(at)),
      channels,
      pools: [...this.pools.values()],
      skus: balances.map(({ sku }) => sku),
      balances,
    });
  }
}

/** A key that stands twice is to be answered twice, which the usual way knows how to. */
function hasTwice(submissions: readonly Submission[]): boolean {
  const keys = new Set(
    submissions.map(({ actor, idempotency }) => `${actor.partner}\u0000${idempotency.key}`),
  );
  return keys.size < submissions.length;
}

/** One whose reservations need no other row; of one that is sold out, only the better days could be told. */
function isPlain(balance: LockedBalance): boolean {
  const { hasQuotas, hasPresale, datedHeld, datedConfirmed } = balance;
  const isDated = datedHeld + datedConfirmed > 0;
  return !hasQuotas && !hasPresale && !isDated && promisableQuantity({ ...balance, expired: 0 }) > 0;
}

const compared = [
  'onHand',
  'allocated',
  'confirmed',
  'held',
  'unbacked',
  'futureDraw',
  'bufferFixed',
  'bufferRate',
] as const satisfies readonly (keyof LockedBalance)[];

function isSame(before: LockedBalance, now: LockedBalance): boolean {
  return isPlain(now) && compared.every((column) => before[column] === now[column]);
}
