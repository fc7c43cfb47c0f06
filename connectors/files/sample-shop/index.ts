/** A merchant's exports, invented and deterministic: for the tour, the tests and the benchmarks. */
export {
  generateSampleShop,
  SAMPLE_FIRST_SKU,
  type SampleShopOptions,
  type SampleShopSize,
} from './generate.ts';
export type { BrokenRow, SampleShopManifest } from './manifest.ts';
export { SAMPLE_CALLER_PHONE } from './people.ts';
