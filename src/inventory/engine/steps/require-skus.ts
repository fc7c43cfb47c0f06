import { HubError } from '../../../platform/errors.ts';
import type { LockedStock } from '../state/locked-stock.ts';

/** @throws HubError UNKNOWN_SKU naming every SKU that does not exist */
export function requireSkus(stock: LockedStock, lines: readonly { sku: string }[]): void {
  const unknown = [...new Set(lines.map(({ sku }) => sku))].filter((sku) => !stock.skus.has(sku));
  if (unknown.length > 0) throw unknownSkus(unknown);
}

export function unknownSkus(skus: string[]): HubError {
  const names = skus.join(', ');
  return new HubError(
    'UNKNOWN_SKU',
    skus.length === 1 ? `There is no SKU ${names}.` : `There are no SKUs ${names}.`,
    {
      skus,
    },
  );
}

/** The pool that the node belongs to. @throws HubError UNKNOWN_NODE */
export function poolOfNode(stock: LockedStock, code: string): string {
  const node = stock.nodes.get(code);
  if (!node) throw new HubError('UNKNOWN_NODE', `There is no fulfilment node ${code}.`);
  return node.pool;
}
