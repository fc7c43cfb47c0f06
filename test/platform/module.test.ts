import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { GraphQLSchema } from 'graphql';
import { buildHubSchema } from '../../src/graph/execution/build-schema.ts';
import { startServer, type RunningServer } from '../../src/graph/http/server.ts';
import { enforceScopes } from '../../src/graph/policy/enforce-scopes.ts';
import { databaseModel } from '../../src/model.ts';
import type { Access, Actor } from '../../src/platform/api/actor.ts';
import { RequestContext } from '../../src/platform/api/request-context.ts';
import { Signals } from '../../src/platform/bus/signals.ts';
import { connectOrm, migrate, type Orm } from '../../src/platform/database/database.ts';
import { JobRunner } from '../../src/platform/jobs/job-runner.ts';
import { defineAccess } from '../../src/platform/module-access.ts';
import type { HubCore, HubModule } from '../../src/platform/module.ts';
import { clientAddressBehind } from '../../src/platform/process/client-address.ts';
import { systemClock } from '../../src/platform/process/clock.ts';
import { loadConfig } from '../../src/platform/process/config.ts';
import { createLogger } from '../../src/platform/process/log.ts';
import { Shutdown } from '../../src/platform/process/shutdown.ts';
import { ModuleList } from '../../src/module-list.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { notesModule } from '../support/platform/notes.module.ts';
import { until } from '../support/until.ts';

const log = createLogger('silent');
const config = loadConfig({});
let database: TestDatabase;
let orm: Orm;
let started: Shutdown;
let list: ModuleList;
let schema: GraphQLSchema;
let jobs: JobRunner;
let server: RunningServer;
let provided: { count: () => Promise<object[]> };

/** Keys `read` and `write`, of one scope each. */
const access: Access = {
  authenticate(authorization): Actor {
    const key = String(authorization).replace('Bearer ', '');
    return { partner: key, name: key, admin: false, scopes: new Set([`note:${key}`]) };
  },
};

beforeAll(async () => {
  database = await createTestDatabase();
  const model = {
    ...databaseModel,
    migrations: [...databaseModel.migrations, ...notesModule.migrations],
  };
  await migrate(database.url, model);
  orm = await connectOrm(database.url, model);
  started = new Shutdown(log);
  jobs = new JobRunner({ databaseUrl: database.url, log });
  const core = coreOf(orm);
  list = new ModuleList(core, started);
  provided = await list.build(notesModule, { title: 'Notes' });
  schema = await buildHubSchema(notesModule.resolvers, list.resolvers, list.subscriptions);
  list.requireWhole([notesModule], schema);
  await list.start();
  for (const job of list.jobs) jobs.add(job);
  jobs.start();
  started.onStop('the jobs', () => jobs.stop());
  server = await startServer(
    {
      schema: enforceScopes(schema, { rootFields: notesModule.access.fields, personal: {} }),
      subgraphs: { model: {}, mounted: [] },
      access,
      clientAddress: core.clientAddress,
      contextOf: core.contextOf,
      readiness: async () => ({ ready: true, parts: {} }),
      drainMs: 0,
      routes: list.routes,
      connectionLimits: config.connections,
      socketLimits: config.sockets,
      costLimits: config.cost,
      log,
    },
    { host: '127.0.0.1', port: 0 },
  );
  started.onStop('the server', () => server.drain());
}, 60_000);
afterAll(async () => {
  await started?.stop(10_000);
  await orm?.close();
  await database?.drop();
});

function coreOf(em: Orm): HubCore {
  return {
    config,
    databaseUrl: database.url,
    orm: em,
    bus: { publish: () => undefined, subscribe: () => () => undefined, close: async () => undefined },
    signals: new Signals(log),
    jobs,
    clock: systemClock,
    clientAddress: clientAddressBehind([]),
    scopes: new Set(Object.keys(notesModule.access.declare)),
    contextOf: (actor, requestId) => new RequestContext(actor, () => em.em.fork(), requestId),
    log,
  };
}

async function ask(key: string, query: string, path = '/graphql') {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: path === '/graphql' ? 'application/json' : 'text/event-stream',
    },
    body: JSON.stringify({ query }),
  });
  return response;
}

test('a module brings a table, a resolver, a subscription, a job, a scope and a route', async () => {
  const stream = await ask('read', 'subscription { noteWritten { text } }', '/graphql/stream');
  const reader = stream.body!.getReader();
  let told = '';
  const reading = (async () => {
    while (!told.includes('Call back')) told += new TextDecoder().decode((await reader.read()).value);
  })();
  const refused = (await (await ask('read', 'mutation { writeNote(text: "Call back") { id } }')).json()) as {
    errors: { extensions: { code: string } }[];
  };
  expect(refused.errors[0]!.extensions.code).toBe('FORBIDDEN');
  const written = await ask('write', 'mutation { writeNote(text: "Call back") { text } }');
  expect(await written.json()).toEqual({ data: { writeNote: { text: 'Call back' } } });
  await reading;
  await reader.cancel();
  expect(told).toContain('"noteWritten":{"text":"Call back"}');

  const unread = async () => (await (await ask('read', '{ notes { text } }')).json()) as object;
  expect(await unread()).toEqual({ data: { notes: [{ text: 'Call back' }] } });
  jobs.wake('reading-notes');
  await until(async () => JSON.stringify(await unread()) === '{"data":{"notes":[]}}');
  expect(await provided.count()).toHaveLength(1);
  expect(await (await fetch(`${server.url}/notes`)).json()).toEqual({ title: 'Notes' });
});

test('a start says which module, instance or source of a subscription is missing', async () => {
  const lacking = new ModuleList(coreOf(orm), new Shutdown(log));
  const without = {
    ...notesModule,
    build: () => ({ provides: {}, resolvers: [] }),
  } satisfies HubModule;
  await lacking.build(without, {});
  expect(() => lacking.requireWhole([notesModule, { name: 'diary' }], schema)).toThrow(
    'The hub lacks the module diary, an instance of NotesResolver, the source of the subscription noteWritten.',
  );
});

test('what fails to be built ends what was built before', async () => {
  const ended: string[] = [];
  const own = new Shutdown(log);
  const failing = new ModuleList(coreOf(orm), own);
  const part = (name: string): HubModule => ({
    name,
    resolvers: [],
    subgraphs: {},
    access: defineAccess({ declare: {}, fields: {} }),
    build() {
      if (name === 'third') throw new Error('no such place');
      return { provides: {}, resolvers: [], stop: async () => void ended.push(name) };
    },
  });
  await failing.build(part('first'), {});
  await failing.build(part('second'), {});
  await expect(failing.build(part('third'), {})).rejects.toThrow('no such place');
  await own.stop(1_000);
  expect(ended).toEqual(['second', 'first']);
});
