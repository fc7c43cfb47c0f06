/** Exports of customer for the composition root and other domains. */
export { Customer } from './api/customer.entities.ts';
export { IdentityLookup } from './api/identity-lookup.ts';
export { customerOfProfile, sourcesOfCustomer } from './api/customer.loaders.ts';
export {
  newestFirstCursor,
  newestFirstKey,
  pageCacheKey,
  type PageKey,
} from '../platform/api/newest-first-cursor.ts';
export {
  SourceFreshness,
  freshnessBy,
  type FreshnessOf,
  type SourceHealth,
} from '../platform/api/source-freshness.ts';
export { IdentityKind } from './identity/identity.ts';
export { lockMatching } from './matching/matching-lock.ts';
export { linkMentions, type Mention, type PersonInput } from './matching/link-mentions.ts';
export { digestOf } from './matching/profile-store.ts';
export { resolveAllProfiles } from './matching/resolve-affected-profiles.ts';
export { type ResolutionRules } from './matching/resolve-people.ts';
export { importCustomers, type CustomerInput } from './import-customers.ts';
