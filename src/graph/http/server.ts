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
import { HubError } from '../../platform/errors.ts';
import type { ExecutionResult } from 'graphql';
import type { RequestContext } from '../../platform/api/request-context.ts';
import { ValidatedDocumentCache } from '../execution/validated-document-cache.ts';
import { EventRendererCache } from '../execution/event-renderer-cache.ts';
import { serveEventStreams } from './event-stream.ts';
import { authenticate } from './authenticate.ts';
import {
  fastPathResponse,
  fastPathRequest,
  presentedErrors,
  refusedAnswer,
  type LeanAnswer,
  type LeanRequest,
} from './fast-path.ts';
import { connectionOptions } from './connection-options.ts';
import { costPlugin } from './cost-plugin.ts';
import { costModelOf, type CostModel } from '../policy/cost/cost-model.ts';
import { CostPolicy, type Charge } from '../policy/cost/cost-policy.ts';
import { BodyPace } from '../policy/body-pace.ts';
import { refuseDocument } from '../policy/document-work.ts';
import { limits, refuseLongDocument } from '../policy/query-limits.ts';
import { ownRules } from '../policy/validation-rules.ts';
import { formatError } from '../policy/format-error.ts';
import { outageStatus } from '../policy/outage-status.ts';
import { answerFailuresAsGraphql } from './answer-failures.ts';
import { readJsonStrictly } from './read-json.ts';
import { NO_STORE } from './no-store.ts';
import { serveOneAtATime } from './one-at-a-time.ts';
import { paceBodies } from './pace-bodies.ts';
import { servePages } from './pages.ts';
import type { ServerOptions } from '../server-options.ts';
import { OperationObserver } from '../observe/operation-observer.ts';
import type { Transport } from '../observe/operation.metrics.ts';
import { REQUEST_ID_HEADER, apolloRequestId, newRequestId, requestIdOf } from '../observe/request-id.ts';
import { endSpan, isTracing, runInServerSpan } from '../../platform/tracing/tracer.ts';
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
    childLoggerFactory: (log) => log, // what is logged of a request names its id itself
    requestIdHeader: false,
    genReqId: ({ headers }) => requestIdOf(headers),
  });
  serveOneAtATime(app);
  let draining = false;
  app.decorateRequest('actor', null);
  readJsonStrictly(app);
  const observerOf = (transport: Transport) =>
    new OperationObserver(transport, parts.log, parts.slowOperationMs ?? Infinity);
  const observers: Record<Transport, OperationObserver> = {
    http: observerOf('http'),
    websocket: observerOf('websocket'),
    'event-stream': observerOf('event-stream'),
    subgraph: observerOf('subgraph'),
  };
  const bodyPace = new BodyPace();
  paceBodies(app, bodyPace, parts);
  answerFailuresAsGraphql(app, parts.log, observers);
  app.get('/livez', async () => ({ status: 'live' }));
  app.get('/readyz', async (_request, reply) => {
    if (draining) return reply.code(503).send({ status: 'not ready', reason: 'The hub is stopping.' });
    const { ready, parts: state } = await parts.readiness();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', parts: state });
  });
  // A kept connection is told that it ends, so that its client sends the next request over another one.
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    if (draining) reply.header('connection', 'close');
    done(null, payload);
  });
  await servePages(app);
  for (const routes of parts.routes ?? []) await app.register(routes);

  const model = costModelOf(parts.schema);
  const policy = new CostPolicy(parts.costLimits); // one budget for all transports
  const documents = new ValidatedDocumentCache(parts.schema, model);
  const perKey = new SocketQuota(parts.socketLimits.ofOneKey); // sockets and streams alike
  const renderings = renderingsFor(parts, policy);
  const common = { parts, documents, policy, renderings };
  const sockets = serveWebSocket(app.server, { ...common, observer: observers.websocket, bodyPace }, perKey);
  const streams = serveEventStreams(app, { ...common, observer: observers['event-stream'] }, perKey);
  const closeLive = () => Promise.all([sockets.close(), streams.close()]);
  const graphql = { ...parts, documents, policy, observer: observers.http };
  const apollo = createApollo(graphql, drainedWith(app, closeLive));
  await apollo.start();
  serveGraphqlOverHttp(app, { ...graphql, apollo }, { url: '/graphql', method: ['GET', 'POST'] });
  const subgraphs = await serveSubgraphs(app, parts, policy, model, observers.subgraph);
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

/** The messages that are made for many subscribers, over sockets and event streams alike. */
function renderingsFor({ contextOf, log }: ServerOptions, policy: CostPolicy): EventRendererCache {
  const present = (result: ExecutionResult) => {
    const errors = presentedErrors(result.errors, log, newRequestId());
    return errors ? { ...result, errors } : { data: result.data };
  };
  return new EventRendererCache(contextOf, present, () => policy.guard());
}

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
  {
    schema,
    log,
    documents,
    policy,
    observer,
  }: Pick<Served, 'schema' | 'log' | 'documents' | 'policy' | 'observer'>,
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
    formatError: (formatted, error) => formatError(formatted, error, log, apolloRequestId.getStore()),
    logger: log,
    plugins: [
      ...plugins,
      ApolloServerPluginLandingPageDisabled(),
      // It asks every field how long its value may be kept, and always comes to the header below.
      ApolloServerPluginCacheControlDisabled(),
      statusAndHeaders,
      costPlugin({ documents, policy, isGone, observer, log }),
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
  observer: OperationObserver;
}

function serveGraphqlOverHttp(
  app: FastifyInstance,
  served: Served,
  route: { url: string; method: HTTPMethods[] },
): void {
  const { apollo, contextOf, documents } = served;
  const byApollo = fastifyApolloHandler(apollo, {
    context: async ({ actor, raw, id }) => {
      const context = contextOf(actor!, id);
      connections.set(context, raw.socket);
      return context;
    },
  });
  const serve = (request: FastifyRequest, reply: FastifyReply) => {
    const began = performance.now();
    const query = documentOf(request);
    refuseLongDocument(query);
    const lean = fastPathRequest(request, documents);
    if (!lean && query !== undefined && !documents.get(query)) refuseDocument(query);
    const answer = lean && leanAnswer(served, request, lean, began);
    if (!answer) return apolloRequestId.run(request.id, () => byApollo.call(app, request, reply));
    sendLean(reply, answer);
  };
  app.route({
    ...route,
    // Before the body is read: who has no key makes us parse nothing.
    onRequest: (request, _reply, done) => authenticate(request, served, done),
    // Repeated operations the lean way, everything else by Apollo Server (ADR 22).
    handler(request, reply) {
      if (!isTracing()) return serve(request, reply);
      return runInServerSpan(request.headers, (span) => {
        reply.raw.once('close', () => endSpan(span)); // of a request that has no operation
        return serve(request, reply);
      });
    },
  });
}

/**
 * Undefined for what Apollo Server has to say, or has to wait with: the operation is dear, or the variables are not of
 * their types.
 */
function leanAnswer(
  { contextOf, policy, schema, log, observer }: Served,
  { actor, raw, id: requestId }: FastifyRequest,
  lean: LeanRequest,
  began: number,
): LeanAnswer | Promise<LeanAnswer> | undefined {
  const cost = lean.operation.cost(lean.variables ?? {});
  if (policy.isWithinCeiling(cost) && policy.isDear(cost)) return undefined;
  let charge: Charge;
  try {
    charge = policy.charge(actor!, cost);
  } catch (error) {
    return refusedAnswer(lean, error as HubError, actor!, { observer, began, requestId, log });
  }
  return fastPathResponse(lean, {
    schema,
    context: contextOf(actor!, requestId),
    guard: policy.guard(() => raw.socket.destroyed),
    charge,
    answerBytes: policy.answerBytes,
    log,
    observer,
    began,
    requestId,
  });
}

/** The text of the document that a request has, if it has one. */
function documentOf({ body, query: parameters }: FastifyRequest): string | undefined {
  const { query } = (body ?? parameters ?? {}) as { query?: unknown };
  return typeof query === 'string' ? query : undefined;
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
  observer: OperationObserver,
) {
  const running: ApolloServer<RequestContext>[] = [];
  for (const [name, schema] of buildSubgraphs(parts.schema, parts.subgraphs.model, parts.subgraphs.mounted)) {
    const documents = new ValidatedDocumentCache(schema, model);
    const apollo = createApollo({ schema, log: parts.log, documents, policy, observer }, []);
    await apollo.start();
    const served = { ...parts, schema, apollo, documents, policy, observer };
    serveGraphqlOverHttp(app, served, { url: `/subgraphs/${name}/graphql`, method: ['POST'] });
    running.push(apollo);
  }
  return running;
}
