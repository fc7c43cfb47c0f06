/** The pool of calls that name neither a pool nor a channel. */
export const DEFAULT_POOL = 'MAIN';
