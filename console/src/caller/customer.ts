import type { ScreenPopQuery } from '../gql/graphql.ts';

export type Pop = ScreenPopQuery['screenPop'];
/** What the panel shows of a customer; the query `Customer` answers all of it too. */
export type CustomerView = NonNullable<Pop['customer']>;
export type Identity = CustomerView['identities'][number];
export type CustomerOrder = CustomerView['orders']['nodes'][number];
export type Source = CustomerView['sources'][number];

/** The channels a customer buys on, each once, in the order of the newest order. */
export const channelsOf = (orders: readonly CustomerOrder[]) => [
  ...new Set(orders.map(({ channel }) => channel)),
];
