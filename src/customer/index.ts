/** What the composition root and other domains may use of customer. */
import { Customer } from './customer.entities.ts';
import type { FreshnessOf } from '../platform/api/source-freshness.ts';
import { CustomerResolver } from './customer.resolver.ts';

export const customerEntities = [Customer];
export const customerResolvers = [CustomerResolver];

/** The resolvers with their collaborators. */
export function createCustomerResolvers(freshnessOf: FreshnessOf): object[] {
  return [new CustomerResolver(freshnessOf)];
}

export { customerMigrations } from './customer.migrations.ts';
export { Customer, CustomerIdentity, Preference } from './customer.entities.ts';
export { CustomerResolver, customersKnownBy } from './customer.resolver.ts';
export { customerById, customerOfProfile, sourcesOfCustomer } from './customer.loaders.ts';
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
export { IdentityKind } from './identity.ts';
export { takeIntakeTurn } from './intake.ts';
export { linkPeople, type Mention, type PersonInput } from './link-people.ts';
export { digestOf } from './profile-store.ts';
export { resolveEveryone } from './resolve-affected.ts';
export { defaultResolutionRules, type ResolutionRules } from './resolution.ts';
export { intakeCustomers, type CustomerInput } from './take-customers.ts';
