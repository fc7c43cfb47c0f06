import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RESERVE, reserveInput, startShop } from '../../support/graph/fixture.ts';
import { BY_APOLLO, overSocket, post } from '../../support/graph/transports.ts';
import { startHub, type RunningHub } from '../../support/hub.ts';
import { startOtlpReceiver, type ReceivedSpan } from '../../support/observe/otlp-receiver.ts';
import { until } from '../../support/until.ts';

let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let hub: RunningHub;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  hub = await startShop({
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_SERVICE_NAME: 'hub-under-test',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  });
});
afterAll(async () => {
  await hub?.stop();
  await receiver?.close();
});

const PARENT = '00f067aa0ba902b7';
let traces = 0;
const newTrace = () => (traces += 1).toString(16).padStart(32, 'a');
const headersOf = (trace: string) => ({ traceparent: `00-${trace}-${PARENT}-01` });
const spansOf = (trace: string) => receiver.spans.filter(({ traceId }) => traceId === trace);

/** The spans beneath the caller's, once the one of the operation is there. */
async function childrenOf(trace: string, operation: string) {
  await until(() => spansOf(trace).some(({ name }) => name === operation));
  const root = spansOf(trace).find(({ name }) => name === operation)!;
  const beneath = ({ spanId }: ReceivedSpan) =>
    spansOf(trace).filter(({ parentSpanId }) => parentSpanId === spanId);
  return { root, beneath };
}

test.each([
  ['by the lean path', {}],
  ['by Apollo Server', BY_APOLLO],
])('a query has its statements beneath it, and the caller’s span above: %s', async (_way, more) => {
  const query = 'query Named { sku(code: "TEA") { code levels { onHand } } }';
  await post(hub, JSON.stringify({ query }));
  const trace = newTrace();
  const response = await post(hub, JSON.stringify({ query }), { ...headersOf(trace), ...more });
  expect(response.headers.get('x-request-id')).toBe(trace);
  const { root, beneath } = await childrenOf(trace, 'query');
  expect(root).toMatchObject({
    parentSpanId: PARENT,
    service: 'hub-under-test',
    attributes: {
      'graphql.operation.name': 'Named',
      'orderweave.transport': 'http',
      'orderweave.request_id': trace,
    },
  });
  await until(() => beneath(root).length > 0);
  for (const { name, attributes, text } of beneath(root)) {
    expect(name).toMatch(/^(select|with) /);
    expect(attributes).toMatchObject({ 'db.system.name': 'postgresql' });
    expect(text).not.toContain('TEA');
  }
});

test('a command has the engine beneath it, and the statements of its batch beneath that', async () => {
  const trace = newTrace();
  await post(hub, JSON.stringify({ query: RESERVE, variables: { input: reserveInput() } }), headersOf(trace));
  const { root, beneath } = await childrenOf(trace, 'mutation');
  await until(() => beneath(root).some(({ name }) => name === 'promise engine: reserve'));
  const engine = beneath(root).find(({ name }) => name === 'promise engine: reserve')!;
  await until(() => beneath(engine).some(({ name }) => /^(claim-keys|claim-and-lock)$/.test(name)));
});

test('what fails is marked by its code', async () => {
  const trace = newTrace();
  await post(
    hub,
    JSON.stringify({ query: '{ availableToPromise(skus: ["NO-SUCH"]) { quantity } }' }),
    headersOf(trace),
  );
  const { root } = await childrenOf(trace, 'query');
  expect(root.attributes).toMatchObject({ 'error.type': 'UNKNOWN_SKU' });
});

test('an operation on a socket is a span too', async () => {
  await overSocket.send(hub, '{ channels { code } }');
  await until(() =>
    receiver.spans.some(({ attributes }) => attributes['orderweave.transport'] === 'websocket'),
  );
});

test('nothing is sent where the SDK is disabled, or nothing asks for it', async () => {
  const other = await startOtlpReceiver();
  const silent = await startHub({
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: other.url, OTEL_SDK_DISABLED: 'true' },
  });
  await post(silent, JSON.stringify({ query: '{ channels { code } }' }));
  await silent.stop(); // sends what waits
  expect(other.spans).toEqual([]);
  await other.close();
});
