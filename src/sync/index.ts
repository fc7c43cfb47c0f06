/** Exports of sync for the domains and the composition root. */
export { ConnectorRuntime } from './runtime/connector-runtime.ts';
export type { RuntimeDeps } from './runtime/connector-runtime.ts';
export { SourceTaskRegistry, type SourceTaskFactory } from './runtime/source-task-registry.ts';
export { ConnectorStatus } from './api/sync.types.ts';
export { deleteExpiredHints } from './ingest/push-inbox.ts';
export { deleteOldWrites } from './outbound/delete-old-writes.ts';
export { queueWrite } from './outbound/write-outbox.ts';
export { sourceActor, type ImporterRegistry, type RecordImporters } from './ingest/record-importers.ts';
export { connectorOf, sourceNameOf, type StreamId } from './ingest/stream-store.ts';
export { describeFailure } from './tasks/describe-failure.ts';
export { INACTIVE_MS, PollingTask, RETRIES, type SourceTask } from './tasks/source-task.ts';
export type { SyncServices } from './sync.module.ts';
