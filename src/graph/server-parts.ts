import type { GraphQLSchema } from 'graphql';
import type { Access, Actor } from '../platform/access.ts';
import type { Logger } from '../platform/log.ts';
import type { RequestContext } from '../platform/request-context.ts';

/** What both transports serve, and under which rules. */
export interface ServerParts {
  schema: GraphQLSchema;
  access: Access;
  contextOf: (actor: Actor) => RequestContext;
  /** Whether the hub can serve: its database answers. */
  isReady: () => Promise<boolean>;
  log: Logger;
}
