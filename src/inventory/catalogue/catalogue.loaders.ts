import { HubError } from '../../platform/errors.ts';
import { unknownError } from '../../platform/unknown-error.ts';
import { inKeyOrder, type LoaderDefinition, groupedByKey } from '../../platform/api/request-context.ts';
import { FulfilmentNode, Sku } from './catalogue.entities.ts';
import { StockLevelRow } from './stock-level.entity.ts';

/** A SKU by its code; null when there is none. */
export const skuByCode: LoaderDefinition<string, Sku | null> = {
  batch: async (codes, { em }) =>
    inKeyOrder(
      codes,
      await em.find(Sku, { code: { $in: [...codes] } }),
      (sku) => sku.code,
      (sku) => sku ?? null,
    ),
};

/** A SKU that a row of ours names, so that it must exist. */
export const existingSku: LoaderDefinition<string, Sku> = {
  batch: async (codes, context) => {
    const found = await context.loadMany(skuByCode, codes);
    return found.map((sku, index) => sku ?? unknownError('UNKNOWN_SKU', codes[index]!));
  },
};

export const nodeByCode: LoaderDefinition<string, FulfilmentNode> = {
  batch: async (codes, { em }) =>
    inKeyOrder(
      codes,
      await em.find(FulfilmentNode, { code: { $in: [...codes] } }),
      (node) => node.code,
      (node) => node ?? new HubError('UNKNOWN_NODE', 'The node does not exist.'),
    ) as FulfilmentNode[],
};

/** Levels of a SKU, by node code, as they are now. */
export const levelsOfSku: LoaderDefinition<string, StockLevelRow[]> = {
  remember: false,
  batch: async (skus, { em }) =>
    groupedByKey(
      skus,
      await em.find(
        StockLevelRow,
        { sku: { $in: [...skus] } },
        { orderBy: { sku: 'asc', node: 'asc' }, refresh: true },
      ),
      (level) => level.sku,
    ),
};
