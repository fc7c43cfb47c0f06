import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { SubgraphModel } from '../platform/api/subgraph-parts.ts';
import type { Access, Actor } from '../platform/api/actor.ts';
import type { Logger } from '../platform/process/log.ts';
import type { RequestContext } from '../platform/api/request-context.ts';
import type { CostLimits } from '../platform/process/cost-limits.ts';
import type { SocketLimits } from '../platform/process/socket-limits.ts';

/** What both transports serve, and under which rules. */
export interface ServerOptions {
  schema: GraphQLSchema;
  access: Access;
  contextOf: (actor: Actor) => RequestContext;
  /** Whether the hub can serve: its database answers. */
  isReady: () => Promise<boolean>;
  /** How the schema is cut into subgraphs, and which of them are mounted. */
  subgraphs: { model: SubgraphModel; mounted: readonly string[] };
  /** What sockets may take. */
  socketLimits: SocketLimits;
  /** What operations may cost and take. */
  costLimits: CostLimits;
  /** What is served beside GraphQL under rules of its own. */
  routes?: readonly ((app: FastifyInstance) => Promise<void>)[];
  log: Logger;
}
