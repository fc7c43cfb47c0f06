import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { SubgraphModel } from './subgraph-model.ts';
import type { Access, Actor } from '../platform/access.ts';
import type { Logger } from '../platform/log.ts';
import type { RequestContext } from '../platform/request-context.ts';
import type { SocketLimits } from '../platform/socket-limits.ts';

/** What both transports serve, and under which rules. */
export interface ServerParts {
  schema: GraphQLSchema;
  access: Access;
  contextOf: (actor: Actor) => RequestContext;
  /** Whether the hub can serve: its database answers. */
  isReady: () => Promise<boolean>;
  /** How the schema is cut into subgraphs, and which of them are mounted. */
  subgraphs: { model: SubgraphModel; mounted: readonly string[] };
  /** What sockets may take. */
  socketLimits: SocketLimits;
  /** What is served beside GraphQL under rules of its own. */
  routes?: readonly ((app: FastifyInstance) => Promise<void>)[];
  log: Logger;
}
