import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { releaseWhenLost } from './release-lost-connections.ts';

/** too_many_connections */
const NO_CONNECTION_LEFT = '53300';
const RETRY_MS = 100;
/** The pool asks for its full size again after this time, in ms. */
const SHRUNK_FOR_MS = 10_000;

/**
 * Makes a pool wait where the server has no connection left: it makes do with the connections it has, and whoever needs
 * one waits until another caller gives one back. After `timeoutMs` the server's refusal is thrown.
 */
export function waitForFreeConnection(pool: pg.Pool, timeoutMs: number): void {
  const connect = pool.connect.bind(pool);
  const { options } = pool as unknown as { options: { max: number } };
  const size = options.max;
  let growAt = 0;
  const connectOrWait = async (): Promise<pg.PoolClient> => {
    const giveUpAt = performance.now() + timeoutMs;
    if (options.max < size && performance.now() >= growAt) options.max = size;
    for (;;) {
      try {
        return releaseWhenLost(await connect());
      } catch (error) {
        if ((error as { code?: string }).code !== NO_CONNECTION_LEFT || performance.now() >= giveUpAt)
          throw error;
        options.max = Math.max(1, pool.totalCount);
        growAt = performance.now() + SHRUNK_FOR_MS;
        await delay(RETRY_MS);
      }
    }
  };
  // Callers with a callback, which are none of ours, get what the server says.
  pool.connect = ((callback?: Parameters<typeof pool.connect>[0]) =>
    callback ? connect(callback) : connectOrWait()) as typeof pool.connect;
}
