import { defineAccess } from '../platform/module-access.ts';
import type { HubModule } from '../platform/module.ts';
import { JobsResolver } from './jobs.resolver.ts';

const resolvers = [JobsResolver];

export const operationsModule = {
  name: 'operations',
  resolvers,
  subgraphs: { operations: { resolvers } },
  access: defineAccess({
    declare: { 'metrics:read': 'The metrics of the hub at `/metrics`, and its jobs.' },
    fields: { 'Query.jobs': 'metrics:read' },
  }),
  build: ({ jobs }) => ({ provides: {}, resolvers: [new JobsResolver(() => jobs.reports())] }),
} satisfies HubModule;
