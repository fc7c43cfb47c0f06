import { AttemptLimit } from '../platform/api/attempt-limit.ts';
import { defineAccess } from '../platform/module-access.ts';
import type { HubModule } from '../platform/module.ts';
import type { SyncServices } from '../sync/index.ts';
import { Customer } from './api/customer.entities.ts';
import { CustomerResolver } from './api/customer.resolver.ts';
import { IdentityLookup } from './api/identity-lookup.ts';
import { customerImporters } from './customer-importers.ts';
import { customerMigrations } from './customer.migrations.ts';
import { MASKED, maskIdentity, maskName } from './identity/personal-masks.ts';
import { maskReason, maskRow } from './privacy/masked-rows.ts';

interface CustomerServices {
  readonly lookup: IdentityLookup;
}

const resolvers = [CustomerResolver];

export const customerModule = {
  name: 'customer',
  entities: [Customer],
  migrations: customerMigrations,
  resolvers,
  subgraphs: {
    customer: { resolvers, entities: { Customer: { key: 'id', lookUp: { query: 'customer' } } } },
  },
  access: defineAccess({
    declare: {
      'customer:read': 'Customers, with personal data masked.',
      'customer:pii': 'Personal data of customers in clear.',
    },
    fields: {
      'Query.customer': 'customer:read',
      'Query.customersByIdentity': 'customer:read',
    },
    masks: {
      'Customer.displayName': maskName,
      // Carriers name who has signed, and couriers with their phones.
      'TrackingEvent.text': () => MASKED,
      'CustomerIdentity.value': (value, identity) => maskIdentity(value, (identity as { kind: string }).kind),
      'DeadLetter.payload': maskRow,
      'DeadLetter.reason': maskReasonOf,
      'FailedWrite.payload': maskRow,
      'FailedWrite.reason': maskReasonOf,
      // Sources answer in their own words, which may name somebody.
      'ConnectorStatus.lastError': (says) => maskReason(says, ''),
      'ConnectorStream.lastError': (says) => maskReason(says, ''),
    },
  }),
  build({ config }, { sync }) {
    const lookup = new IdentityLookup(
      new AttemptLimit({
        failures: config.missedLookups,
        seconds: 600,
        says: 'This key has looked up too many identities that nobody has',
      }),
    );
    sync.importers.register(customerImporters);
    return { provides: { lookup }, resolvers: [new CustomerResolver(sync.freshnessOf, lookup)] };
  },
} satisfies HubModule<{ sync: SyncServices }, CustomerServices>;

function maskReasonOf(reason: string, refused: unknown): string {
  return maskReason(reason, (refused as { payload: string }).payload);
}
