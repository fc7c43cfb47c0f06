import { ApolloClient, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client as UrqlClient, subscriptionExchange } from '@urql/core';
import { createClient, type Client, type Sink, type SubscribePayload } from 'graphql-ws';
import WebSocket from 'ws';
import { Versions, type AtpUpdate } from '../../client/live-atp/index.ts';
import { until } from '../support/until.ts';
import { startLiveShop, type LiveShop } from '../support/live-shop.ts';

/** As docs/atp-subscription.md tells users of other clients: their own client, and `resume` from what was told. */
const WATCH = `subscription WatchAtp($skus: [ID!]!, $resume: [AtpVersionInput!]) {
  atp(skus: $skus, resume: $resume) {
    kind previousVersion coalesced
    atp { sku { code } channel quantity version asOf terms { kind quantity } }
  }
}`;
const SKUS = ['MOVES', 'STAYS'];

let shop: LiveShop;
let dispose: () => Promise<unknown> | unknown = () => undefined;

beforeAll(async () => {
  shop = await startLiveShop(SKUS);
});
afterAll(async () => {
  await dispose();
  await shop?.stop();
});

type Told = (update: AtpUpdate) => void;

function socketFor(): Client {
  const socket = createClient({
    url: `${shop.hub().url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${shop.hub().adminKey}` },
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
  });
  dispose = () => socket.dispose();
  return socket;
}

/** The payload of a subscription, whose variables are those of the moment in which it is sent. */
function resuming(request: SubscribePayload, versions: Versions): SubscribePayload {
  return {
    ...request,
    get variables() {
      return { ...request.variables, resume: versions.resume() };
    },
  };
}

function overGraphqlWs(versions: Versions, tell: Told): () => void {
  const payload = resuming({ query: WATCH, variables: { skus: SKUS } }, versions);
  return socketFor().subscribe<{ atp: AtpUpdate }>(payload, {
    next: ({ data }) => tell(data!.atp),
    error: () => undefined,
    complete: () => undefined,
  });
}

function overUrql(versions: Versions, tell: Told): () => void {
  const socket = socketFor();
  const client = new UrqlClient({
    url: `${shop.hub().url}/graphql`,
    preferGetMethod: false,
    exchanges: [
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              resuming({ query: query!, variables: variables as Record<string, unknown> }, versions),
              sink as never as Sink,
            ),
          }),
        }),
      }),
    ],
  });
  return client
    .subscription<{ atp: AtpUpdate }>(WATCH, { skus: SKUS })
    .subscribe(({ data }) => data && tell(data.atp)).unsubscribe;
}

function overApollo(versions: Versions, tell: Told): () => void {
  const socket = socketFor();
  const resumed: Client = {
    ...socket,
    subscribe: (payload, sink) => socket.subscribe(resuming(payload, versions), sink),
  };
  const client = new ApolloClient({ cache: new InMemoryCache(), link: new GraphQLWsLink(resumed) });
  const watching = client
    .subscribe<{ atp: AtpUpdate }>({ query: gql(WATCH), variables: { skus: SKUS }, fetchPolicy: 'no-cache' })
    .subscribe(({ data }) => data && tell(data.atp));
  return () => watching.unsubscribe();
}

test.each([
  ['graphql-ws', overGraphqlWs],
  ['urql', overUrql],
  ['Apollo Client', overApollo],
])('%s: a snapshot, a change, and after the hub was killed only what has moved', async (_name, watch) => {
  await shop.count('MOVES', 5);
  const versions = new Versions();
  const seen: AtpUpdate[] = [];
  const stop = watch(versions, (update) => {
    if (versions.isNews(update)) seen.push(update);
  });
  await until(() => seen.length === 2);
  expect(seen.map(({ kind }) => kind)).toEqual(['SNAPSHOT', 'SNAPSHOT']);
  await shop.count('MOVES', 6);
  await until(() => seen.length === 3);
  expect(seen[2]).toMatchObject({ kind: 'CHANGE', atp: { sku: { code: 'MOVES' }, quantity: 6 } });

  await shop.restart();
  await shop.count('MOVES', 7);
  await until(() => seen.at(-1)!.atp.quantity === 7);
  await shop.count('MOVES', 8);
  await until(() => seen.at(-1)!.atp.quantity === 8);
  // The one that has not moved is not among them.
  expect(seen.slice(3).map(({ atp }) => [atp.sku.code, atp.quantity])).toEqual([
    ['MOVES', 7],
    ['MOVES', 8],
  ]);
  expect(seen[3]!.previousVersion).toBe(seen[2]!.atp.version);
  stop();
  await dispose();
});
