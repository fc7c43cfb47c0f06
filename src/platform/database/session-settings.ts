import type { ClientConfig } from 'pg';

/**
 * Settings of every session of ours. A client that is gone without a word (a pulled cable, a paused machine)
 * is noticed by the kernel within about ten seconds; one that stands still within a transaction loses its locks after
 * `idleInTransactionMs`.
 */
export function sessionSettings(limits: {
  lockMs: number;
  statementMs: number;
  idleInTransactionMs: number;
}): ClientConfig {
  return {
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    lock_timeout: limits.lockMs,
    statement_timeout: limits.statementMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    options:
      '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000',
  };
}
