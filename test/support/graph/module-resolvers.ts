import { aftersalesModule } from '../../../src/aftersales/aftersales.module.ts';
import { assistModule } from '../../../src/assist/assist.module.ts';
import { customerModule } from '../../../src/customer/customer.module.ts';
import { orderModule } from '../../../src/order/order.module.ts';
import type { ResolverClass } from '../../../src/platform/api/subgraph-parts.ts';
import type { FreshnessOf } from '../../../src/platform/api/source-freshness.ts';
import type { HubCore } from '../../../src/platform/module.ts';
import { loadConfig } from '../../../src/platform/process/config.ts';
import { ImporterRegistry } from '../../../src/sync/ingest/record-importers.ts';
import { SourceTaskRegistry, type SyncServices } from '../../../src/sync/index.ts';

/** The classes that read customers and what they have bought. */
export const readingClasses: ResolverClass[] = [
  ...customerModule.resolvers,
  ...orderModule.resolvers,
  ...aftersalesModule.resolvers,
  ...assistModule.resolvers,
];

/** Their instances, as the hub builds them, over sources that are said to be so fresh. */
export function readingResolvers(freshnessOf: FreshnessOf, knownSources: string[] = []): object[] {
  const core = { config: loadConfig({}) } as HubCore;
  const sync = {
    importers: new ImporterRegistry(),
    tasks: new SourceTaskRegistry(),
    freshnessOf,
    knownSources: () => knownSources,
    takesWrites: () => () => false,
  } as Partial<SyncServices> as SyncServices;
  const customer = customerModule.build(core, { sync });
  return [
    ...customer.resolvers,
    ...orderModule.build(core, { sync, engine: {} as never }).resolvers,
    ...aftersalesModule.build(core, { sync }).resolvers,
    ...assistModule.build(core, { sync, lookup: customer.provides.lookup }).resolvers,
  ];
}
