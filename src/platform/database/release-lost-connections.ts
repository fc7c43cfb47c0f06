import type pg from 'pg';

/**
 * Gives a connection that ends while it is in use back to its pool, which removes it. Whoever used it may not: a
 * transaction of Kysely gives its connection back after a commit or a rollback that succeeded, and neither succeeds on a
 * lost one. Each would cost the pool a place, and the end of the pool would wait for it for ever.
 */
export function releaseWhenLost(client: pg.PoolClient): pg.PoolClient {
  const release = client.release.bind(client);
  let isReleased = false;
  const releaseOnce = (reason?: Error | boolean): void => {
    if (isReleased) return;
    isReleased = true;
    client.off('end', lost);
    release(reason);
  };
  const lost = (): void => releaseOnce(new Error('The connection was lost.'));
  client.once('end', lost);
  client.release = releaseOnce;
  return client;
}
