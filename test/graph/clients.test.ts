import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, fetchExchange, subscriptionExchange, type OperationResult } from '@urql/core';
import { gql } from 'graphql-request';
import type { Client as SocketClient } from 'graphql-ws';
import { httpClient, socketClient } from '../support/client.ts';
import type { RunningHub } from '../support/hub.ts';
import {
  ADJUST,
  RELEASE,
  RESERVE,
  count,
  newKey,
  reserveInput,
  startShop,
} from '../support/graph/fixture.ts';

const ATP = /* GraphQL */ `
  query ($skus: [ID!]!) {
    availableToPromise(skus: $skus) {
      sku {
        code
      }
      quantity
    }
  }
`;
const WATCH = /* GraphQL */ `
  subscription ($skus: [ID!]!) {
    atp(skus: $skus) {
      kind
      atp {
        quantity
        version
      }
    }
  }
`;

interface Atp {
  availableToPromise: { sku: { code: string }; quantity: number }[];
}
interface Watched {
  atp: { kind: string; atp: { quantity: number; version: string } };
}
interface Reserved {
  reserve: { __typename: string; id: string };
}

let hub: RunningHub;

beforeAll(async () => {
  hub = await startShop();
});
afterAll(() => hub?.stop());

const promised = async (sku: string) =>
  (await httpClient(hub).request<Atp>(ATP, { skus: [sku] })).availableToPromise[0]!.quantity;

test('graphql-request queries, reserves and meets an error of its own shape', async () => {
  const client = httpClient(hub);
  expect(await client.request(ATP, { skus: ['POT'] })).toEqual({
    availableToPromise: [{ sku: { code: 'POT' }, quantity: 100 }],
  });
  const input = reserveInput({ lines: [{ sku: 'POT', quantity: 3 }] });
  expect(await client.request(RESERVE, { input })).toMatchObject({
    reserve: { __typename: 'Reservation', state: 'HELD' },
  });
  expect(await promised('POT')).toBe(97);
  await expect(client.request(ATP, { skus: ['NOPE'] })).rejects.toMatchObject({
    response: { status: 200, errors: [{ extensions: { code: 'UNKNOWN_SKU', retryable: false } }] },
  });
  await expect(
    client.request(gql`
      {
        nope
      }
    `),
  ).rejects.toMatchObject({ response: { status: 400 } });
});

describe('graphql-ws', () => {
  let client: SocketClient;
  beforeAll(() => {
    client = socketClient(hub);
  });
  afterAll(async () => client?.dispose());

  test('queries and reserves', async () => {
    const [answer] = await Array.fromAsync(client.iterate<Atp>({ query: ATP, variables: { skus: ['CUP'] } }));
    expect(answer).toEqual({ data: { availableToPromise: [{ sku: { code: 'CUP' }, quantity: 100 }] } });
    const input = reserveInput({ lines: [{ sku: 'CUP', quantity: 1 }] });
    const [held] = await Array.fromAsync(client.iterate<Reserved>({ query: RESERVE, variables: { input } }));
    const { id } = held!.data!.reserve;
    const release = { idempotencyKey: newKey(), reservationId: id };
    const [freed] = await Array.fromAsync(client.iterate({ query: RELEASE, variables: { input: release } }));
    expect(freed).toEqual({
      data: { releaseReservation: { __typename: 'Reservation', id, state: 'RELEASED' } },
    });
  });

  test('watches ATP: a snapshot, then each change, while other operations use the same socket', async () => {
    const updates = client.iterate<Watched>({ query: WATCH, variables: { skus: ['CUP'] } });
    const next = async () => (await updates.next()).value!.data!.atp;
    const snapshot = await next();
    expect(snapshot).toMatchObject({ kind: 'SNAPSHOT', atp: { quantity: 100 } });
    const input = {
      idempotencyKey: newKey(),
      node: 'WH',
      reason: 'found',
      lines: [{ sku: 'CUP', delta: 7 }],
    };
    await Array.fromAsync(client.iterate({ query: ADJUST, variables: { input } }));
    const change = await next();
    expect(change).toMatchObject({ kind: 'CHANGE', atp: { quantity: 107 } });
    expect(change.atp.version > snapshot.atp.version).toBe(true);
    await updates.return!();
  });

  test('a subscription of a SKU that is not there ends with its error, and the socket lives on', async () => {
    const [answer] = await Array.fromAsync(client.iterate({ query: WATCH, variables: { skus: ['NOPE'] } }));
    expect(answer!.errors).toMatchObject([{ extensions: { code: 'UNKNOWN_SKU' } }]);
    const [after] = await Array.fromAsync(client.iterate({ query: '{ channels { code } }' }));
    expect(after).toEqual({ data: { channels: [{ code: 'douyin' }] } });
  });
});

test('urql queries and reserves over HTTP, and watches over graphql-ws', async () => {
  const socket = socketClient(hub);
  const client = new Client({
    url: `${hub.url}/graphql`,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: `Bearer ${hub.adminKey}` } },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              { query: query!, variables: variables as Record<string, unknown> },
              sink as never,
            ),
          }),
        }),
      }),
    ],
  });
  const seen: Watched['atp'][] = [];
  const waiting: (() => void)[] = [];
  const watching = client
    .subscription<Watched>(WATCH, { skus: ['TEA'] })
    .subscribe(({ data }: OperationResult<Watched>) => {
      if (data) seen.push(data.atp);
      waiting.shift()?.();
    });
  const update = (index: number) =>
    seen.length > index ? undefined : new Promise<void>((wake) => waiting.push(wake));

  await update(0);
  expect(seen[0]).toMatchObject({ kind: 'SNAPSHOT', atp: { quantity: 100 } });
  const held = await client.mutation<Reserved>(RESERVE, { input: reserveInput() }).toPromise();
  expect(held.data?.reserve.__typename).toBe('Reservation');
  await update(1);
  expect(seen[1]).toMatchObject({ kind: 'CHANGE', atp: { quantity: 99 } });
  const asked = await client.query<Atp>(ATP, { skus: ['TEA'] }).toPromise();
  expect(asked.data?.availableToPromise).toMatchObject([{ quantity: 99 }]);
  const refused = await client.query<Atp>(ATP, { skus: ['NOPE'] }).toPromise();
  expect(refused.error?.graphQLErrors[0]?.extensions).toMatchObject({ code: 'UNKNOWN_SKU' });
  watching.unsubscribe();
  await socket.dispose();
  await count(hub, [{ sku: 'TEA', counted: 100 }]);
});
