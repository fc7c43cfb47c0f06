import type { EntityName, RecordByEntity } from '../../../connectors/spi/index.ts';
import type { ImportResult } from '../../platform/import/import-result.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import type { StreamId } from './stream-store.ts';

/**
 * How the domains take canonical records in; gathered by the composition root. Idempotent: a page may come twice.
 * Runs in the transaction of `em`, which also stores the cursor.
 */
export type RecordImporters = {
  [E in EntityName]: (
    em: EntityManager,
    records: readonly RecordByEntity[E][],
    from: StreamId,
  ) => Promise<ImportResult>;
};
