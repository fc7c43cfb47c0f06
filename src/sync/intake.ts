import type { EntityName, RecordByEntity } from '../../connectors/spi/index.ts';
import type { EntityManager } from '../platform/database.ts';

/** What a domain says of a page of records: those it cannot take, by index, with a sentence for a person. */
export interface IntakeResult {
  rejected: readonly { index: number; reason: string }[];
}

/**
 * How the domains take canonical records in; gathered by the composition root. Idempotent: a page may come twice.
 * Runs in the transaction of `em`, which also stores the cursor.
 */
export type Intakes = {
  [E in EntityName]: (
    em: EntityManager,
    records: readonly RecordByEntity[E][],
    source: string,
  ) => Promise<IntakeResult>;
};
