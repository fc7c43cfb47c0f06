import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendHttp } from '../../../connectors/spi/http.ts';
import { databaseModel } from '../../../src/model.ts';
import { connectOrm, type Orm } from '../../../src/platform/database/database.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import { startTracing } from '../../../src/platform/tracing/start-tracing.ts';
import { ConnectorRuntime } from '../../../src/sync/index.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startOtlpReceiver } from '../../support/observe/otlp-receiver.ts';
import { TestSource, pageOf } from '../../support/sync/source.ts';

let database: TestDatabase;
let orm: Orm;
let server: Server;
let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let endTracing: () => Promise<void>;
const propagated: (string | undefined)[] = [];

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
  endTracing = await startTracing(process.env);
  database = await createTestDatabase();
  orm = await connectOrm(database.url, databaseModel);
  server = createServer((request, response) => {
    propagated.push(request.headers.traceparent as string | undefined);
    response.end('[]');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  server?.close();
  await orm?.close();
  await database?.drop();
  await receiver?.close();
});

test('a read of a source has its calls and statements beneath it, and tells the source its trace', async () => {
  const { port } = server.address() as AddressInfo;
  const shop = new TestSource();
  shop.reads.set('skus', async function* () {
    await sendHttp({ url: `http://127.0.0.1:${port}/skus?token=secret` }, AbortSignal.timeout(10_000));
    yield pageOf([]);
  });
  const runtime = new ConnectorRuntime({
    id: 'shop',
    kind: 'files' as never,
    source: shop.source,
    em: orm.em,
    importers: {} as never,
    log: createLogger('silent'),
  });
  await runtime.sync();
  await runtime.stop();
  await endTracing(); // sends what waits

  const read = receiver.spans.find(({ name }) => name === 'read shop/skus')!;
  const beneath = receiver.spans.filter(({ parentSpanId }) => parentSpanId === read.spanId);
  const call = beneath.find(({ name }) => name === `GET 127.0.0.1:${port}`)!;
  expect(call.attributes).toMatchObject({ 'url.path': '/skus' });
  expect(call.text).not.toContain('secret');
  expect(propagated).toEqual([`00-${read.traceId}-${call.spanId}-01`]);
  expect(beneath.some(({ name }) => name.startsWith('select cursor'))).toBe(true);
});
