/** Keys of partners and programs. */
import { KeysResolver } from './keys.resolver.ts';

export { KeysResolver };
export const keysResolvers = [KeysResolver];
export { KeyAccess } from './key-access.ts';
export { keysMigrations } from './keys.migrations.ts';
