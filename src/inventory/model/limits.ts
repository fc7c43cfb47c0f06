/** Bounds of one command (semantics.md §1); the reasons are in docs/errors.md. */
export const MAX_LINES = 100;
export const MAX_QUANTITY = 1_000_000;
/** A hold lasts at most this long from its creation, extensions included. */
export const MAX_HOLD_SECONDS = 4 * 3600;
export const MAX_SKUS_PER_READ = 500;
export const MAX_PROJECTION_DAYS = 366;
