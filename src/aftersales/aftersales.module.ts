import { defineAccess } from '../platform/module-access.ts';
import type { HubModule } from '../platform/module.ts';
import type { SyncServices } from '../sync/index.ts';
import { aftersalesImporters } from './aftersales-importers.ts';
import { Return, ReturnLine, Ticket } from './aftersales.entities.ts';
import { aftersalesMigrations } from './aftersales.migrations.ts';
import {
  CustomerAftersalesResolver,
  OrderAftersalesResolver,
  ReturnResolver,
  TicketResolver,
} from './aftersales.resolver.ts';
import { TicketMessagesResolver } from './messages/ticket-messages.resolver.ts';

const resolvers = [
  TicketResolver,
  ReturnResolver,
  OrderAftersalesResolver,
  CustomerAftersalesResolver,
  TicketMessagesResolver,
];

export const aftersalesModule = {
  name: 'aftersales',
  entities: [Ticket, Return, ReturnLine],
  migrations: aftersalesMigrations,
  resolvers,
  subgraphs: { aftersales: { resolvers } },
  access: defineAccess({
    declare: { 'ticket:write': 'Writing to customers in their tickets.' },
    fields: { 'Mutation.replyToTicket': 'ticket:write' },
  }),
  build(_core, { sync: { importers, freshnessOf, takesWrites } }) {
    importers.register(aftersalesImporters);
    return {
      provides: {},
      resolvers: [
        new TicketResolver(freshnessOf),
        new ReturnResolver(freshnessOf),
        new OrderAftersalesResolver(),
        new CustomerAftersalesResolver(),
        new TicketMessagesResolver(takesWrites('MESSAGE')),
      ],
    };
  },
} satisfies HubModule<{ sync: SyncServices }>;
