import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { SubgraphModel } from '../platform/api/subgraph-parts.ts';
import type { Access, Actor } from '../platform/api/actor.ts';
import type { Logger } from '../platform/process/log.ts';
import type { Readiness } from '../platform/process/readiness.ts';
import type { RequestContext } from '../platform/api/request-context.ts';
import type { ClientAddress } from '../platform/process/client-address.ts';
import type { ConnectionLimits } from '../platform/process/connection-limits.ts';
import type { CostLimits } from '../platform/process/cost-limits.ts';
import type { SocketLimits } from '../platform/process/socket-limits.ts';

/** The schema that both transports serve, and its rules. */
export interface ServerOptions {
  schema: GraphQLSchema;
  access: Access;
  clientAddress: ClientAddress;
  contextOf: (actor: Actor, requestId?: string) => RequestContext;
  /** Operations that take longer are logged, in ms; none where it is left out. */
  slowOperationMs?: number;
  /** Whether the hub can sell, within a second whatever hangs. */
  readiness: () => Promise<Readiness>;
  /** How long the hub still serves after it was told to stop, so that proxies see it leave; in ms. */
  drainMs: number;
  /** How the schema is cut into subgraphs, and which of them are mounted. */
  subgraphs: { model: SubgraphModel; mounted: readonly string[] };
  /** Time limits of HTTP connections. */
  connectionLimits: ConnectionLimits;
  /** Limits of sockets. */
  socketLimits: SocketLimits;
  /** Limits of the cost and time of operations. */
  costLimits: CostLimits;
  /** Routes served beside GraphQL under rules of their own. */
  routes?: readonly ((app: FastifyInstance) => Promise<void>)[];
  log: Logger;
}
