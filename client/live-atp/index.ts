/** The reference client of live ATP, for browsers and Node: docs/atp-subscription.md, "The reference client". */
export { createLiveSocket, type LiveSocketOptions, type SocketState } from './live-socket.ts';
export { watchAtp, type HubFailure, type Watching } from './watch-atp.ts';
export { backOffMs, untilRetry } from './back-off.ts';
export { advisedMs, remedyFor, type Remedy } from './close-codes.ts';
export { Versions } from './versions.ts';
export type { Atp, AtpUpdate, Wanted } from './types.ts';
