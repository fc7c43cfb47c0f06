import type { EntityName, RecordByEntity } from '../../../connectors/spi/index.ts';
import type { ImportResult } from '../../platform/import/import-result.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import type { Actor } from '../../platform/api/actor.ts';
import type { StreamId } from './stream-store.ts';

/**
 * How the domains take canonical records in. Idempotent: a page may come twice. Runs in the transaction of `em`, which
 * also stores the cursor.
 */
export type RecordImporters = {
  [E in EntityName]: (
    em: EntityManager,
    records: readonly RecordByEntity[E][],
    from: StreamId,
  ) => Promise<ImportResult>;
};

/** Where each domain registers how it takes its records in. */
export class ImporterRegistry {
  private readonly registered: Partial<RecordImporters> = {};

  /** @throws Error of an entity that has an importer already */
  register(importers: Partial<RecordImporters>): void {
    for (const entity of Object.keys(importers) as EntityName[])
      if (this.registered[entity]) throw new Error(`Two importers are registered for ${entity}.`);
    Object.assign(this.registered, importers);
  }

  /** @throws Error of an entity without an importer, when one is wanted */
  get importers(): RecordImporters {
    return new Proxy(this.registered, {
      get(registered, entity: EntityName) {
        if (!registered[entity]) throw new Error(`No importer is registered for ${entity}.`);
        return registered[entity];
      },
    }) as RecordImporters;
  }
}

/**
 * A source acts under its own name, with idempotency keys of its own. The name is part of what makes a count known as
 * taken already, for good (`importStockCounts`): a change of it would take old counts again.
 */
export function sourceActor({ connector, stream }: StreamId): Actor {
  return { partner: `source:${connector}/${stream}`, name: `source:${stream}`, admin: false };
}
