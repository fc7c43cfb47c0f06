/** Exports of what serves those who run the hub. */
import { JobsResolver } from './jobs.resolver.ts';

export const operationsResolvers = [JobsResolver];
export { JobsResolver };
