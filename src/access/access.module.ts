import { AttemptLimit } from '../platform/api/attempt-limit.ts';
import { ADMIN_ONLY } from '../platform/module-access.ts';
import type { HubModule } from '../platform/module.ts';
import { adminKeyAccess } from './admin-key.ts';
import { KeyAccess } from './key-access.ts';
import { keysMigrations } from './keys.migrations.ts';
import { KeysResolver } from './keys.resolver.ts';

const resolvers = [KeysResolver];

/** Keys are for the admin key alone. */
export const accessModule = {
  name: 'access',
  migrations: keysMigrations,
  resolvers,
  subgraphs: { operations: { resolvers } },
  access: ADMIN_ONLY,
  build({ config, orm, bus, scopes, log }, { adminKey }) {
    const wrongKeys = new AttemptLimit({
      failures: config.wrongKeysPerMinute,
      seconds: 60,
      says: 'Too many wrong keys came from this address',
    });
    const access = new KeyAccess(adminKeyAccess(adminKey), orm.em, bus, wrongKeys, log);
    return {
      provides: access,
      resolvers: [new KeysResolver(access, scopes)],
      stop: async () => access.close(),
    };
  },
} satisfies HubModule<{ adminKey: string }, KeyAccess>;
