import { setTimeout as delay } from 'node:timers/promises';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type HTTPMethods,
} from 'fastify';
import type { AddressInfo, Socket } from 'node:net';
import { isUtf8 } from 'node:buffer';
import { HubError, errorCatalogue } from '../../platform/errors.ts';
import type { Logger } from '../../platform/process/log.ts';
import type { RequestContext } from '../../platform/api/request-context.ts';
import { ValidatedDocumentCache } from '../execution/validated-document-cache.ts';
import { serveEventStreams } from './event-stream.ts';
import { authenticate } from './authenticate.ts';
import {
  fastPathResponse,
  fastPathRequest,
  refusedAnswer,
  type LeanAnswer,
  type LeanRequest,
} from './fast-path.ts';
import { connectionOptions } from './connection-options.ts';
import { costPlugin } from './cost-plugin.ts';
import { costModelOf, type CostModel } from '../policy/cost/cost-model.ts';
import { CostPolicy, type Charge } from '../policy/cost/cost-policy.ts';
import { excessiveShape } from '../policy/json-shape.ts';
import { limits } from '../policy/query-limits.ts';
import { ownRules } from '../policy/validation-rules.ts';
import { formatError } from '../policy/format-error.ts';
import { outageStatus } from '../policy/outage-status.ts';
import { servePages } from './pages.ts';
import type { ServerOptions } from '../server-options.ts';
import { buildSubgraphs } from '../subgraphs/build-subgraphs.ts';
import { SocketQuota } from '../websocket/socket-quota.ts';
import { serveWebSocket } from '../websocket/serve-websocket.ts';

export interface RunningServer {
  url: string;
  /** Stops taking requests, lets running ones end, closes the sockets. */
  drain: () => Promise<void>;
}

/** One address for everything: /graphql over HTTP, WebSocket and event streams, health, and the static pages. */
export async function startServer(
  parts: ServerOptions,
  address: { host: string; port: number },
): Promise<RunningServer> {
  const app = fastify({
    ...connectionOptions(parts.connectionLimits),
    bodyLimit: limits.bodyBytes,
    loggerInstance: parts.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (log) => log, // nothing is logged with a request's number, so none is made for it
  });
  let draining = false;
  app.decorateRequest('actor', null);
  readJsonStrictly(app);
  answerFailuresAsGraphql(app, parts.log);
  app.get('/livez', async () => ({ status: 'live' }));
  app.get('/readyz', async (_request, reply) => {
    if (draining) return reply.code(503).send({ status: 'not ready', reason: 'The hub is stopping.' });
    const { ready, parts: state } = await parts.readiness();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', parts: state });
  });
  // A kept connection is told that it ends, so that its client sends the next request over another one.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (draining) reply.header('connection', 'close');
    done(null, payload);
  });
  await servePages(app);
  for (const routes of parts.routes ?? []) await app.register(routes);

  const model = costModelOf(parts.schema);
  const policy = new CostPolicy(parts.costLimits); // one budget for all transports
  const documents = new ValidatedDocumentCache(parts.schema, model);
  const perKey = new SocketQuota(parts.socketLimits.ofOneKey); // sockets and streams alike
  const sockets = serveWebSocket(app.server, { parts, documents, policy }, perKey);
  const streams = serveEventStreams(app, { parts, documents, policy }, perKey);
  const closeLive = () => Promise.all([sockets.close(), streams.close()]);
  const apollo = createApollo({ ...parts, documents, policy }, drainedWith(app, closeLive));
  await apollo.start();
  serveGraphqlOverHttp(
    app,
    { ...parts, apollo, documents, policy },
    { url: '/graphql', method: ['GET', 'POST'] },
  );
  const subgraphs = await serveSubgraphs(app, parts, policy, model);
  await app.listen({ host: address.host, port: address.port });

  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`,
    async drain() {
      draining = true;
      await delay(parts.drainMs);
      await apollo.stop(); // when this has ended, no request runs any more, to the subgraphs neither
      await Promise.all(subgraphs.map((subgraph) => subgraph.stop()));
      await app.close();
    },
  };
}

/** No cache between may keep an answer. */
const NO_STORE = 'no-store';

type Plugins = ApolloServerPlugin<RequestContext>[];

/** Stopping the Apollo server with these ends its requests, sockets and streams first. */
function drainedWith(app: FastifyInstance, closeLive: () => Promise<unknown>): Plugins {
  return [
    ApolloServerPluginDrainHttpServer({ httpServer: app.server }),
    { serverWillStart: async () => ({ drainServer: async () => void (await closeLive()) }) },
  ];
}

/** Whether the client of a request has left, by the context of its operation. */
const connections = new WeakMap<RequestContext, Socket>();

function createApollo(
  { schema, log, documents, policy }: Pick<Served, 'schema' | 'log' | 'documents' | 'policy'>,
  plugins: Plugins,
) {
  const isGone = (context: RequestContext) => connections.get(context)?.destroyed === true;
  return new ApolloServer<RequestContext>({
    schema,
    introspection: true, // behind the key, like everything else
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: limits.tokens },
    validationRules: [...ownRules],
    formatError: (formatted, error) => formatError(formatted, error, log),
    logger: log,
    plugins: [
      ...plugins,
      ApolloServerPluginLandingPageDisabled(),
      // It asks every field how long its value may be kept, and always comes to the header below.
      ApolloServerPluginCacheControlDisabled(),
      statusAndHeaders,
      costPlugin({ documents, policy, isGone, log }),
    ],
  });
}

const statusAndHeaders: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response: { http, body } }) => {
      if (!http.headers.has('cache-control')) http.headers.set('cache-control', NO_STORE);
      if (body.kind !== 'single') return;
      const outage = outageStatus(body.singleResult.data, body.singleResult.errors);
      if (!outage) return;
      http.status = outage.status;
      http.headers.set('retry-after', outage.retryAfter);
    },
  }),
};

/** The parts that serve one schema. */
interface Served extends Pick<ServerOptions, 'schema' | 'access' | 'clientAddress' | 'contextOf' | 'log'> {
  apollo: ApolloServer<RequestContext>;
  documents: ValidatedDocumentCache;
  policy: CostPolicy;
}

function serveGraphqlOverHttp(
  app: FastifyInstance,
  served: Served,
  route: { url: string; method: HTTPMethods[] },
): void {
  const { apollo, contextOf, documents } = served;
  const byApollo = fastifyApolloHandler(apollo, {
    context: async ({ actor, raw }) => {
      const context = contextOf(actor!);
      connections.set(context, raw.socket);
      return context;
    },
  });
  app.route({
    ...route,
    // Before the body is read: who has no key makes us parse nothing.
    onRequest: (request, _reply, done) => authenticate(request, served, done),
    // Repeated operations the lean way, everything else by Apollo Server (ADR 22).
    handler(request, reply) {
      const lean = fastPathRequest(request, documents);
      const answer = lean && leanAnswer(served, request, lean);
      if (!answer) return byApollo.call(app, request, reply);
      sendLean(reply, answer);
    },
  });
}

/** Undefined for what Apollo Server has to say: it costs too much, or the variables are not of their types. */
function leanAnswer(
  { contextOf, policy, schema, log }: Served,
  { actor, raw }: FastifyRequest,
  lean: LeanRequest,
): LeanAnswer | Promise<LeanAnswer> | undefined {
  const cost = lean.operation.cost(lean.variables ?? {});
  if (!policy.isWithinCeiling(cost)) return undefined;
  let charge: Charge;
  try {
    charge = policy.charge(actor!, cost);
  } catch (error) {
    return refusedAnswer(lean, error as HubError, log);
  }
  return fastPathResponse(lean, {
    schema,
    context: contextOf(actor!),
    guard: policy.guard(() => raw.socket.destroyed),
    charge,
    answerBytes: policy.answerBytes,
    log,
  });
}

function sendLean(reply: FastifyReply, answer: LeanAnswer | Promise<LeanAnswer>): void {
  if (answer instanceof Promise)
    answer.then(
      (settled) => sendLean(reply, settled),
      (error: unknown) => reply.send(error),
    );
  else {
    if (answer.retryAfter !== undefined) void reply.header('retry-after', answer.retryAfter);
    void reply.header('cache-control', NO_STORE).code(answer.status).type(answer.type).send(answer.body);
  }
}

/** Each subgraph under a path of its own, for a router: by the same rules as the whole schema. */
async function serveSubgraphs(
  app: FastifyInstance,
  parts: ServerOptions,
  policy: CostPolicy,
  model: CostModel,
) {
  const running: ApolloServer<RequestContext>[] = [];
  for (const [name, schema] of buildSubgraphs(parts.schema, parts.subgraphs.model, parts.subgraphs.mounted)) {
    const documents = new ValidatedDocumentCache(schema, model);
    const apollo = createApollo({ schema, log: parts.log, documents, policy }, []);
    await apollo.start();
    const served = { ...parts, schema, apollo, documents, policy };
    serveGraphqlOverHttp(app, served, { url: `/subgraphs/${name}/graphql`, method: ['POST'] });
    running.push(apollo);
  }
  return running;
}

/** JSON must be valid UTF-8: decoding leniently would store replaced characters that nobody sent. */
function readJsonStrictly(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      if (!isUtf8(body as Buffer)) throw new HubError('BODY_INVALID', 'The request body is not valid UTF-8.');
      const text = body.toString('utf8');
      const excess = excessiveShape(text);
      if (excess !== undefined) throw new HubError('BODY_INVALID', excess);
      done(null, JSON.parse(text));
    } catch (error) {
      const known = error instanceof HubError ? error : undefined;
      done(
        known ?? new HubError('BODY_INVALID', `The request body is not JSON: ${(error as Error).message}`),
      );
    }
  });
}

/** Failures before GraphQL is reached answer in the form of a GraphQL error, with a catalogued code. */
function answerFailuresAsGraphql(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error: Error & { code?: string; statusCode?: number }, _request, reply) => {
    const { status, failure } = classify(error, log);
    void reply.header('cache-control', NO_STORE);
    const outage = outageStatus(undefined, [failure]);
    if (outage) void reply.header('retry-after', outage.retryAfter);
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    // Fastify would close on a sender that is still sending, and whose answer would be lost with the connection.
    if (status === 413) void reply.removeHeader('connection');
    return reply
      .code(outage?.status ?? status)
      .type('application/json; charset=utf-8')
      .send({ errors: [failure] });
  });
}

function classify(error: Error & { code?: string; statusCode?: number }, log: Logger) {
  if (error instanceof HubError)
    return { status: errorCatalogue[error.code].http, failure: formatError(error.toJSON(), error, log) };
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const tooLarge = new HubError('BODY_TOO_LARGE', `The request body exceeds ${limits.bodyBytes} bytes.`);
    return { status: 413, failure: tooLarge.toJSON() };
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return { status, failure: new HubError('BODY_INVALID', error.message).toJSON() };
  return { status: 500, failure: formatError({ message: error.message }, error, log) };
}
