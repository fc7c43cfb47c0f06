import { SKUS, skuCode } from './postgres.mjs';

/** What callers put into their baskets: `hot` one SKU, `uniform`, `five` lines a basket, or `zipf` (exponent 1). */
export function basketsOf(shape) {
  const line = (index) => ({ sku: skuCode(index), quantity: 1 });
  const any = () => Math.floor(Math.random() * SKUS);
  switch (shape) {
    case 'hot':
      return () => [line(0)];
    case 'uniform':
      return () => [line(any())];
    case 'five':
      return () => Array.from({ length: 5 }, () => line(any()));
    case 'zipf': {
      const sums = [];
      for (let rank = 1, sum = 0; rank <= SKUS; rank++) sums.push((sum += 1 / rank));
      return () => {
        const at = Math.random() * sums.at(-1);
        return [line(sums.findIndex((sum) => at < sum))];
      };
    }
    default:
      throw new Error(`no such shape: ${shape}`);
  }
}
