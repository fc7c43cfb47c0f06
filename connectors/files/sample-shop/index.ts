/** A merchant's exports, invented and deterministic: for the tour, the tests and the benchmarks. */
export {
  DEFAULT_SAMPLE_SIZE,
  generateSampleShop,
  SAMPLE_FIRST_NODE,
  SAMPLE_FIRST_SKU,
  type SampleShopOptions,
  type SampleShopSize,
} from './generate.ts';
export type { BrokenRow, SampleShopManifest } from './manifest.ts';
export { SAMPLE_CALLER_NAME, SAMPLE_CALLER_PHONE } from './people.ts';
