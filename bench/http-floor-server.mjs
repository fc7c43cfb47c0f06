import { createServer } from 'node:http';
import path from 'node:path';

/**
 * The servers that bench/http-floor.mjs compares, one a process: `bare`, or `hub`.
 *
 * `bare` is node:http that reads the body, parses it as JSON and answers with JSON of the size of the hub's answer.
 *
 * `hub` is the hub's own server over its own schema, with keys, scopes, limits and contexts as src/hub.ts makes them,
 * but no database: the engine answers every command at once. So `reserve` is a mutation that does nothing, and still
 * passes everything that any mutation passes: key, body, document, variables, scope, checks of the input, the hash of
 * idempotency, a typed answer.
 */
const dist = path.resolve(import.meta.dirname, '../dist/src');
const [, , kind, answer] = process.argv;
const url = await (kind === 'bare' ? serveBare() : serveHub());
process.send(url);
process.on('disconnect', () => process.exit());

async function serveBare() {
  const reply = JSON.parse(answer);
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      reply.echo = JSON.parse(Buffer.concat(chunks).toString()) ? undefined : 0; // parsed, and told so to no one
      const body = JSON.stringify(reply);
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/graphql` };
}

async function serveHub() {
  await load('platform/process/production-mode.js');
  const { buildHubSchema } = await load('graph/execution/build-schema.js');
  const { enforceScopes } = await load('graph/policy/enforce-scopes.js');
  const { startServer } = await load('graph/http/server.js');
  const { StockEngine } = await load('inventory/index.js');
  const { ReservationResolver } = await load('inventory/reservations/reservation.resolver.js');
  const { databaseModel, resolverClasses, scopeTable, subgraphs } = await load('model.js');
  const { adminKeyAccess } = await load('access/admin-key.js');
  const { loadConfig } = await load('platform/process/config.js');
  const { connectOrm } = await load('platform/database/database.js');
  const { KeyAccess } = await load('access/key-access.js');
  const { AttemptLimit } = await load('platform/api/attempt-limit.js');
  const { clientAddressBehind } = await load('platform/process/client-address.js');
  const { createLogger } = await load('platform/process/log.js');
  const { RequestContext } = await load('platform/api/request-context.js');

  const engine = new StockEngine(async ({ command }) => heldFor(command));
  const nothing = () => undefined;
  const schema = await buildHubSchema(resolverClasses, [new ReservationResolver(engine)]);
  const orm = await connectOrm('postgres://nobody@127.0.0.1:1/none', databaseModel); // never connected to
  const { key, row } = await partnerKey();
  const keys = { fork: () => ({ execute: async () => [row] }) };
  const config = loadConfig({});
  const wrongKeys = new AttemptLimit({ failures: config.wrongKeysPerMinute, seconds: 60, says: 'Too many' });
  const changes = { subscribe: () => nothing };
  const access = new KeyAccess(adminKeyAccess('bench-http-floor-admin'), keys, changes, wrongKeys);
  const server = await startServer(
    {
      schema: enforceScopes(schema, scopeTable),
      subgraphs: { model: subgraphs, mounted: [] },
      access,
      contextOf: (actor, requestId) => new RequestContext(actor, () => orm.em.fork(), requestId),
      readiness: async () => ({ ready: true, parts: {} }),
      drainMs: 0,
      clientAddress: clientAddressBehind(config.trustedProxies),
      connectionLimits: config.connections,
      slowOperationMs: config.slowOperationMs,
      socketLimits: config.sockets,
      costLimits: { ...config.cost, perMinute: 1_000_000_000 }, // what is measured is not to be refused
      log: createLogger('warn'),
    },
    { host: '127.0.0.1', port: 0 },
  );
  const { OperationObserver } = await load('graph/observe/operation-observer.js');
  const { ended } = OperationObserver.prototype;
  process.on('message', ({ measured }) => {
    OperationObserver.prototype.ended = measured ? ended : nothing;
    process.send('done');
  });
  return { url: `${server.url}/graphql`, key };
}

/** A key as partners have them: of the table, with scopes and a channel. */
async function partnerKey() {
  const { newApiKey } = await load('access/api-key.js');
  const { key, prefix, hash } = newApiKey();
  const scopes = ['stock:read', 'stock:reserve'];
  const row = { prefix, hash, name: 'bench', partner: 'bench', scopes, channel: 'douyin' };
  return { key, row: { ...row, state: 'GOOD', msLeft: null } };
}

function heldFor({ channel, reference, lines }) {
  const at = '2026-11-27T08:00:00.000Z';
  return {
    type: 'Reservation',
    id: '019aa000-0000-7000-8000-000000000000',
    state: 'HELD',
    channel,
    pool: 'MAIN',
    reference,
    orderExternalId: null,
    createdAt: at,
    expiresAt: '2026-11-27T08:15:00.000Z',
    lines: lines.map(({ sku, quantity }) => ({ sku, quantity, promisedOn: '2026-11-28', released: 0 })),
    shortages: [],
    events: [{ at, state: 'HELD', actor: 'bench', reason: null }],
  };
}

function load(file) {
  return import(path.join(dist, file));
}
