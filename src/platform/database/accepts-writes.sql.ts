/** Whether the server accepts writes: a standby, or a primary that was demoted, does not. */
export const ACCEPTS_WRITES = `select current_setting('transaction_read_only') = 'off' as writable`;
