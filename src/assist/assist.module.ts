import type { IdentityLookup } from '../customer/index.ts';
import { defineAccess } from '../platform/module-access.ts';
import type { HubModule } from '../platform/module.ts';
import type { SyncServices } from '../sync/index.ts';
import { ScreenPopResolver } from './screen-pop.resolver.ts';

interface AssistNeeds {
  sync: SyncServices;
  lookup: IdentityLookup;
}

const resolvers = [ScreenPopResolver];

export const assistModule = {
  name: 'assist',
  resolvers,
  subgraphs: { customer: { resolvers } },
  access: defineAccess({
    declare: {},
    uses: ['customer:read'],
    fields: { 'Query.screenPop': 'customer:read' },
  }),
  build: (_core, { sync: { freshnessOf, knownSources }, lookup }) => ({
    provides: {},
    resolvers: [new ScreenPopResolver({ freshnessOf, knownSources, lookup })],
  }),
} satisfies HubModule<AssistNeeds>;
