/** Whether the server takes writes: a standby, or a primary that was demoted, does not. */
export const TAKES_WRITES = `select current_setting('transaction_read_only') = 'off' as writable`;
