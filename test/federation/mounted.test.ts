import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startShop } from '../support/graph/fixture.ts';
import { spawnHub } from '../support/hub-process.ts';
import { ownFolder } from '../support/own-folder.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { overHttp } from '../support/graph/transports.ts';

let hub: RunningHub;
let plain: RunningHub;
beforeAll(async () => {
  [hub, plain] = await Promise.all([
    startShop({ environment: { HUB_SUBGRAPHS: 'orders, inventory' } }),
    startHub(),
  ]);
});
afterAll(() => Promise.all([hub?.stop(), plain?.stop()]));

const LOOK_UP =
  'query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Sku { title } } }';

async function post(subgraph: string, body: unknown, { key = hub.adminKey, of = hub } = {}) {
  const response = await fetch(`${of.url}/subgraphs/${subgraph}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body),
  });
  const text = await response.text();
  const { data, errors } = (text.startsWith('{') ? JSON.parse(text) : {}) as {
    data?: unknown;
    errors?: { extensions: { code: string } }[];
  };
  return {
    status: response.status,
    data: data ?? null,
    codes: errors?.map(({ extensions }) => extensions.code),
  };
}

test('the configured ones are served, each with its SDL', async () => {
  for (const name of ['orders', 'inventory']) {
    const { data } = await post(name, { query: '{ _service { sdl } }' });
    expect(data).toEqual({ _service: { sdl: expect.stringContaining('federation/v2.9') } });
  }
});

test('others are not, nor any where nothing is configured', async () => {
  expect(await post('customer', { query: '{ __typename }' })).toMatchObject({ status: 404 });
  const of = plain;
  expect(await post('orders', { query: '{ __typename }' }, { of, key: of.adminKey })).toMatchObject({
    status: 404,
  });
});

describe('the rules of /graphql hold', () => {
  test('a key is needed', async () => {
    const refused = { status: 401, codes: ['UNAUTHENTICATED'] };
    expect(await post('inventory', { query: '{ _service { sdl } }' }, { key: '' })).toMatchObject(refused);
    expect(await post('inventory', { query: '{ _service { sdl } }' }, { key: 'unknown' })).toMatchObject(
      refused,
    );
  });

  test('limits', async () => {
    const aliases = Array.from({ length: 61 }, (_, n) => `a${n}: __typename`).join(' ');
    expect(await post('inventory', { query: `{ sku(code: "TEA") { ${aliases} } }` })).toMatchObject({
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    });
    expect(await post('inventory', { query: ' '.repeat(1_000_001) })).toMatchObject({
      status: 413,
      codes: ['BODY_TOO_LARGE'],
    });
  });

  test('strict JSON and storable text', async () => {
    const notUtf8 = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    expect(await post('inventory', notUtf8)).toMatchObject({ status: 400, codes: ['BODY_INVALID'] });
    const of = [{ __typename: 'Sku', code: 'a\u0000b' }];
    expect(await post('inventory', { query: LOOK_UP, variables: { of } })).toMatchObject({
      status: 400,
      codes: ['BAD_USER_INPUT'],
    });
  });
});

describe('references', () => {
  const sku = (code: string) => ({ __typename: 'Sku', code });
  const ask = (...of: unknown[]) => post('inventory', { query: LOOK_UP, variables: { of } });

  test('are answered in their order, null where there is nothing', async () => {
    expect(await ask(sku('POT'), sku('NONE'), sku('TEA'), sku('POT'))).toMatchObject({
      data: {
        _entities: [
          { __typename: 'Sku', title: 'POT' },
          null,
          { __typename: 'Sku', title: 'TEA' },
          { __typename: 'Sku', title: 'POT' },
        ],
      },
      codes: undefined,
    });
  });

  test('of nodes, which no root field answers, are looked up too', async () => {
    const query = LOOK_UP.replace('... on Sku { title }', '... on FulfilmentNode { city }');
    const of = [{ __typename: 'FulfilmentNode', code: 'WH' }];
    expect(await post('inventory', { query, variables: { of } })).toMatchObject({
      data: { _entities: [{ __typename: 'FulfilmentNode', city: 'Shanghai' }] },
    });
  });

  test('need what the root field that answers one needs', async () => {
    const query =
      'mutation { createApiKey(input: { name: "k", partner: "p", scopes: ["stock:read"] }) { key } }';
    const { data } = await overHttp.send<{ createApiKey: { key: string } }>(hub, query);
    const { key } = data!.createApiKey;
    const lookUp = (subgraph: string, reference: { __typename: string }) =>
      post(
        subgraph,
        { query: LOOK_UP.replace('... on Sku { title }', ''), variables: { of: [reference] } },
        { key },
      );
    const refused = { data: { _entities: [null] }, codes: ['FORBIDDEN'] };
    expect(await lookUp('inventory', sku('TEA'))).toMatchObject({
      data: { _entities: [{ __typename: 'Sku' }] },
    });
    const node = { __typename: 'FulfilmentNode', code: 'WH' };
    expect(await lookUp('inventory', node)).toMatchObject(refused);
    const order = { __typename: 'Order', id: '00000000-0000-7000-8000-000000000000' };
    expect(await lookUp('orders', order)).toMatchObject(refused);
  });

  test.each([
    ['no object', 'TEA'],
    ['null', null],
    ['no type', { code: 'TEA' }],
    ['an unknown type', { __typename: 'Unknown', code: 'TEA' }],
    ['a type without key', { __typename: 'AtpTerm', code: 'TEA' }],
    ['a root', { __typename: 'Query', code: 'TEA' }],
    ['no key', { __typename: 'Sku' }],
    ['a key that is no text', { __typename: 'Sku', code: { $ne: '' } }],
  ])('%s is refused', async (_name, reference) => {
    expect(await ask(reference)).toMatchObject({ data: null, codes: ['BAD_USER_INPUT'] });
  });
});

test.each(['everything', 'orders,', 'all,orders', 'Orders'])(
  'HUB_SUBGRAPHS=%s ends the start',
  async (value) => {
    const own = ownFolder();
    const wrong = spawnHub({ HUB_DATA_DIR: own.folder, HUB_SUBGRAPHS: value });
    expect((await wrong.ended).code).toBe(1);
    own.remove();
    expect(wrong.output.stderr).toBe(
      'Configuration: HUB_SUBGRAPHS must be all, or some of customer,orders,aftersales,inventory,routing,operations\n',
    );
  },
);
