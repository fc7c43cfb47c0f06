import type { WatchAtpSubscription } from './gql/graphql.ts';

/** One message of the subscription: of one SKU, and complete. */
export type AtpUpdate = WatchAtpSubscription['atp'];

/** The promise for a SKU, and its terms. */
export type Atp = AtpUpdate['atp'];

/** The SKUs and scope to watch. */
export interface Wanted {
  /** 1 to 500. */
  skus: readonly string[];
  /** Whose number is wanted; without one, that of the pool MAIN. */
  channel?: string | null;
}
