/** What the composition root uses of sync. */
import { SyncResolver } from './sync.resolver.ts';

export { ConnectorRuntime, type RuntimeParts } from './connector-runtime.ts';
export { openSource } from './open-source.ts';
export { forgetOldHints } from './push-inbox.ts';
export { pushRoutes } from './push-routes.ts';
export { loadSources } from './source-config.ts';
export type { Intakes } from './intake.ts';
export { sourceNameOf, type StreamId } from './stream-store.ts';
export { syncMigrations } from './sync.migrations.ts';
export { SyncResolver };
export const syncResolvers = [SyncResolver];
