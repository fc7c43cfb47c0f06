/** Exports of after-sales for the composition root and other domains. */
import type { FreshnessOf } from '../customer/index.ts';
import { Return, ReturnLine, Ticket } from './aftersales.entities.ts';
import {
  CustomerAftersalesResolver,
  OrderAftersalesResolver,
  ReturnResolver,
  TicketResolver,
} from './aftersales.resolver.ts';

export const aftersalesEntities = [Ticket, Return, ReturnLine];
export const aftersalesResolvers = [
  TicketResolver,
  ReturnResolver,
  OrderAftersalesResolver,
  CustomerAftersalesResolver,
];

/** The resolvers with their collaborators. */
export function createAftersalesResolvers(freshnessOf: FreshnessOf): object[] {
  return [
    new TicketResolver(freshnessOf),
    new ReturnResolver(freshnessOf),
    new OrderAftersalesResolver(),
    new CustomerAftersalesResolver(),
  ];
}

export { aftersalesMigrations } from './aftersales.migrations.ts';
export { Ticket } from './aftersales.entities.ts';
export { importReturns, type ReturnInput } from './import-returns.ts';
export { importTickets, type TicketInput } from './import-tickets.ts';
