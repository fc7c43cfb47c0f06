/** Exports of sync for the composition root. */
import { ConnectorRuntime } from './runtime/connector-runtime.ts';
import { sourcesAccepting } from './outbound/write-dispatcher.ts';
import { SourceWritesResolver } from './api/source-writes.resolver.ts';
import { SyncResolver } from './api/sync.resolver.ts';
import { TicketMessagesResolver } from './ticket-messages.resolver.ts';

export { ConnectorRuntime };
export type { RuntimeDeps } from './runtime/connector-runtime.ts';
export { mappingTools } from './mapping/mapping-tools.ts';
export { openSource } from './runtime/open-source.ts';
export { deleteExpiredHints } from './ingest/push-inbox.ts';
export { deleteOldWrites } from './outbound/delete-old-writes.ts';
export { queueFulfilment } from './queue-fulfilment.ts';
export { pushRoutes } from './api/push-routes.ts';
export { maskReason, maskRow } from './api/masked-rows.ts';
export { registerSourceLag, sourceGauges } from './runtime/source.metrics.ts';
export { loadSources } from './runtime/source-config.ts';
export type { RecordImporters } from './ingest/record-importers.ts';
export { sourcesAccepting };
export { sourceNameOf, type StreamId } from './ingest/stream-store.ts';
export { syncMigrations } from './migrations/sync.migrations.ts';

export const syncResolvers = [SyncResolver, SourceWritesResolver];
/** Resolvers that sync adds to after-sales. */
export const ticketMessageResolvers = [TicketMessagesResolver];

/** The resolvers with their collaborators. */
export function createSyncResolvers(runtimes: readonly ConnectorRuntime[]): object[] {
  return [
    new SyncResolver(runtimes),
    new SourceWritesResolver(),
    new TicketMessagesResolver(sourcesAccepting(runtimes, 'MESSAGE')),
  ];
}
