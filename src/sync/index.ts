/** What the composition root uses of sync. */
import { ConnectorRuntime } from './connector-runtime.ts';
import { takersOf } from './source-writer.ts';
import { SourceWritesResolver } from './source-writes.resolver.ts';
import { SyncResolver } from './sync.resolver.ts';
import { TicketMessagesResolver } from './ticket-messages.resolver.ts';

export { ConnectorRuntime };
export type { RuntimeParts } from './connector-runtime.ts';
export { openSource } from './open-source.ts';
export { forgetOldHints } from './push-inbox.ts';
export { queueFulfilment } from './queue-fulfilment.ts';
export { pushRoutes } from './push-routes.ts';
export { loadSources } from './source-config.ts';
export type { Intakes } from './intake.ts';
export { takersOf };
export { sourceNameOf, type StreamId } from './stream-store.ts';
export { syncMigrations } from './sync.migrations.ts';

export const syncResolvers = [SyncResolver, SourceWritesResolver];
/** What sync adds to after-sales. */
export const ticketMessageResolvers = [TicketMessagesResolver];

/** The resolvers with their collaborators. */
export function createSyncResolvers(runtimes: readonly ConnectorRuntime[]): object[] {
  return [
    new SyncResolver(runtimes),
    new SourceWritesResolver(),
    new TicketMessagesResolver(takersOf(runtimes, 'MESSAGE')),
  ];
}
