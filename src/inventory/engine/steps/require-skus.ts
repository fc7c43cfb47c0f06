import { HubError } from '../../../platform/errors.ts';
import { unknownError } from '../../../platform/unknown-error.ts';
import type { LockedStock } from '../state/locked-stock.ts';

/** @throws HubError UNKNOWN_SKU naming every SKU that does not exist */
export function requireSkus(stock: LockedStock, lines: readonly { sku: string }[]): void {
  const unknown = [...new Set(lines.map(({ sku }) => sku))].filter((sku) => !stock.skus.has(sku));
  if (unknown.length > 0) throw unknownSkus(unknown);
}

export function unknownSkus(skus: string[]): HubError {
  return unknownError('UNKNOWN_SKU', skus, { skus });
}

/** The pool that the node belongs to. @throws HubError UNKNOWN_NODE */
export function poolOfNode(stock: LockedStock, code: string): string {
  const node = stock.nodes.get(code);
  if (!node) throw unknownError('UNKNOWN_NODE', code);
  return node.pool;
}
