import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  type HTTPMethods,
} from 'fastify';
import type { AddressInfo } from 'node:net';
import { isUtf8 } from 'node:buffer';
import type { Actor } from '../platform/access.ts';
import { HubError, errorCatalogue } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import type { RequestContext } from '../platform/request-context.ts';
import { limits, withinLimits } from './limits.ts';
import { presentError } from './present-error.ts';
import { servePages } from './pages.ts';
import { unstorableText } from './storable-text.ts';
import type { ServerParts } from './server-parts.ts';
import { buildSubgraphs } from './subgraphs.ts';
import { serveWebSocket } from './websocket.ts';

export interface RunningServer {
  url: string;
  /** Stops taking requests, lets running ones end, closes the sockets. */
  drain: () => Promise<void>;
}

/** One address for everything: /graphql over HTTP and WebSocket, health, and the static pages. */
export async function startServer(
  parts: ServerParts,
  address: { host: string; port: number },
): Promise<RunningServer> {
  const app = fastify({
    bodyLimit: limits.bodyBytes,
    loggerInstance: parts.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
  });
  let draining = false;
  readJsonStrictly(app);
  answerFailuresAsGraphql(app, parts.log);
  app.get('/livez', async () => ({ status: 'live' }));
  app.get('/readyz', async (_request, reply) => {
    const ready = !draining && (await parts.isReady());
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' });
  });
  await servePages(app);

  const sockets = serveWebSocket(app.server, parts);
  const apollo = createApollo(parts, drainedWith(app, sockets.close));
  await apollo.start();
  serveGraphqlOverHttp(app, apollo, parts, { url: '/graphql', method: ['GET', 'POST'] });
  const subgraphs = await serveSubgraphs(app, parts);
  await app.listen({ host: address.host, port: address.port });

  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`,
    async drain() {
      draining = true;
      await apollo.stop(); // when this has ended, no request runs any more, to the subgraphs neither
      await Promise.all(subgraphs.map((subgraph) => subgraph.stop()));
      await app.close();
    },
  };
}

type Plugins = ApolloServerPlugin<RequestContext>[];

/** Stopping the Apollo server with these ends its requests and sockets first. */
function drainedWith(app: FastifyInstance, closeSockets: () => Promise<void>): Plugins {
  return [
    ApolloServerPluginDrainHttpServer({ httpServer: app.server }),
    { serverWillStart: async () => ({ drainServer: closeSockets }) },
  ];
}

function createApollo(parts: Pick<ServerParts, 'schema' | 'log'>, plugins: Plugins) {
  const refusesUnstorableText: ApolloServerPlugin<RequestContext> = {
    requestDidStart: async () => ({
      didResolveOperation: async ({ document, request }) => {
        const unstorable = unstorableText(document, request.variables);
        if (unstorable) throw new HubError('BAD_USER_INPUT', unstorable, { http: { status: 400 } });
      },
    }),
  };
  return new ApolloServer<RequestContext>({
    schema: parts.schema,
    introspection: true, // behind the key, like everything else
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: limits.tokens },
    validationRules: [withinLimits],
    formatError: (formatted, error) => presentError(formatted, error, parts.log),
    logger: parts.log,
    plugins: [...plugins, ApolloServerPluginLandingPageDisabled(), refusesUnstorableText],
  });
}

function serveGraphqlOverHttp(
  app: FastifyInstance,
  apollo: ApolloServer<RequestContext>,
  parts: ServerParts,
  route: { url: string; method: HTTPMethods[] },
): void {
  const actors = new WeakMap<FastifyRequest, Actor>();
  app.route({
    ...route,
    // Before the body is read: who has no key makes us parse nothing.
    onRequest: async (request) => {
      actors.set(request, await parts.access.authenticate(request.headers.authorization));
    },
    handler: fastifyApolloHandler(apollo, {
      context: async (request) => parts.contextOf(actors.get(request)!),
    }),
  });
}

/** Each subgraph under a path of its own, for a router: by the same rules as the whole schema. */
async function serveSubgraphs(app: FastifyInstance, parts: ServerParts) {
  const served: ApolloServer<RequestContext>[] = [];
  for (const [name, schema] of buildSubgraphs(parts.schema, parts.subgraphs.model, parts.subgraphs.mounted)) {
    const apollo = createApollo({ schema, log: parts.log }, []);
    await apollo.start();
    serveGraphqlOverHttp(app, apollo, parts, { url: `/subgraphs/${name}/graphql`, method: ['POST'] });
    served.push(apollo);
  }
  return served;
}

/** JSON must be valid UTF-8: decoding leniently would store replaced characters that nobody sent. */
function readJsonStrictly(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      if (!isUtf8(body as Buffer)) throw new HubError('BODY_INVALID', 'The request body is not valid UTF-8.');
      done(null, JSON.parse(body.toString('utf8')));
    } catch (error) {
      const known = error instanceof HubError ? error : undefined;
      done(
        known ?? new HubError('BODY_INVALID', `The request body is not JSON: ${(error as Error).message}`),
      );
    }
  });
}

/** Whatever fails before GraphQL is reached answers in the form of a GraphQL error, with a catalogued code. */
function answerFailuresAsGraphql(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error: Error & { code?: string; statusCode?: number }, _request, reply) => {
    const { status, failure } = classify(error, log);
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    // Fastify would close on a sender that is still sending, and whose answer would be lost with the connection.
    if (status === 413) void reply.removeHeader('connection');
    return reply
      .code(status)
      .type('application/json; charset=utf-8')
      .send({ errors: [failure] });
  });
}

function classify(error: Error & { code?: string; statusCode?: number }, log: Logger) {
  if (error instanceof HubError) return { status: errorCatalogue[error.code].http, failure: error.toJSON() };
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const tooLarge = new HubError('BODY_TOO_LARGE', `The request body exceeds ${limits.bodyBytes} bytes.`);
    return { status: 413, failure: tooLarge.toJSON() };
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return { status, failure: new HubError('BODY_INVALID', error.message).toJSON() };
  return { status: 500, failure: presentError({ message: error.message }, error, log) };
}
