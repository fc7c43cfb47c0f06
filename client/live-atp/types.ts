import type { WatchAtpSubscription } from './gql/graphql.ts';

/** One message of the subscription: of one SKU, and complete. */
export type AtpUpdate = WatchAtpSubscription['atp'];

/** What is promised of a SKU, and why. */
export type Atp = AtpUpdate['atp'];

/** What to be told of. */
export interface Wanted {
  /** 1 to 500. */
  skus: readonly string[];
  /** Whose number is wanted; without one, that of the pool MAIN. */
  channel?: string | null;
}
