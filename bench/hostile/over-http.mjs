import { randomUUID } from 'node:crypto';
import { untilOver } from './client.mjs';

const nested = (levels, leaf = 'id') =>
  levels === 0 ? leaf : `customer{orders(first:100){nodes{${nested(levels - 1, leaf)}}}}`;
const ATP_FIELDS =
  'on quantity onHand demand shortfall safetyBuffer channelQuota inTransit presale expectedReturns futureDraw';
const projections = (aliases, days) =>
  `query($s:[ID!]!){${Array.from({ length: aliases }, (_, n) => `a${n}:availableToPromise(skus:$s){projection(days:${days}){${ATP_FIELDS}}}`).join(' ')}}`;
const manyOf = (skus, count) => Array.from({ length: count }, (_, n) => skus[n % skus.length]);
/** Fragments that each spread the next one twice: 2^n fields from n lines. */
const doubling = (fragments) =>
  `{orders{...f0}} ${Array.from({ length: fragments }, (_, n) => `fragment f${n} on OrderConnection{a${n}:__typename ...f${n + 1} ...f${n + 1}}`).join(' ')} fragment f${fragments} on OrderConnection{__typename}`;
const overlapping = (fields) =>
  `{${Array.from({ length: fields }, (_, n) => `orders(first:1){nodes{id a${n % 7}:state}}`).join(' ')}}`;
const ofType = (depth) => (depth === 0 ? 'name' : `fields{type{${ofType(depth - 1)}}}`);

/** Clients over HTTP and at the subgraphs. @param skus of the shop */
export const overHttp = (skus) => [
  {
    name: '100 orders of 100 orders, five levels deep',
    run: (client) =>
      client.repeat(8, () => client.post({ query: `{orders(first:100){nodes{${nested(4)}}}}` })),
  },
  {
    name: 'the dearest nesting that is still served',
    run: (client) =>
      client.repeat(8, () =>
        client.post({
          query: `{orders(first:15){nodes{${nested(1)}}}}`,
        }),
      ),
  },
  {
    name: 'five times 366 days of 500 SKUs',
    run: (client) =>
      client.repeat(8, () =>
        client.post({ query: projections(5, 366), variables: { s: manyOf(skus, 500) } }),
      ),
  },
  {
    name: 'the longest projection that is still served',
    run: (client) =>
      client.repeat(8, () =>
        client.post({ query: projections(1, 180), variables: { s: skus.slice(0, 50) } }),
      ),
  },
  {
    name: 'clients that leave after 20 ms',
    run: (client) =>
      client.repeat(16, () =>
        client.post(
          { query: projections(1, 180), variables: { s: skus.slice(0, 50) } },
          { leaveAfterMs: 20 },
        ),
      ),
  },
  {
    name: '400,000 opening braces',
    run: (client) => client.repeat(4, () => client.post({ query: '{a'.repeat(400_000) })),
  },
  {
    name: 'JSON 400,000 arrays deep',
    run: (client) =>
      client.repeat(4, () =>
        client.post(
          `{"query":"{channels{code}}","variables":{"x":${'['.repeat(400_000)}${']'.repeat(400_000)}}}`,
        ),
      ),
  },
  {
    name: '2^30 fields by fragments that double',
    run: (client) => client.repeat(4, () => client.post({ query: doubling(30) })),
  },
  {
    name: 'a fragment that spreads itself',
    run: (client) =>
      client.repeat(8, () =>
        client.post({ query: '{orders{...f}} fragment f on OrderConnection{nodes{id} ...f}' }),
      ),
  },
  {
    name: '9,000 fields that overlap',
    run: (client) => client.repeat(4, () => client.post({ query: overlapping(9_000) })),
  },
  {
    name: 'introspection of types of fields, 12 deep',
    run: (client) => client.repeat(4, () => client.post({ query: `{__schema{types{${ofType(12)}}}}` })),
  },
  {
    name: 'a new document with each request',
    run: (client) =>
      client.repeat(8, () =>
        client.post({
          query: `query q${randomUUID().replaceAll('-', '')}{orders(first:1){nodes{id state}} channels{code}}`,
        }),
      ),
  },
  {
    name: '1 MB of variables that are not used',
    run: (client) =>
      client.repeat(4, () =>
        client.post({ query: '{channels{code}}', variables: { x: 'x'.repeat(990_000) } }),
      ),
  },
  {
    name: 'a search for 300,000 wildcards',
    run: (client) =>
      client.repeat(8, () =>
        client.post({
          query: 'query($s:String){skus(search:$s,first:1){nodes{code}}}',
          variables: { s: 'a%_'.repeat(300_000) },
        }),
      ),
  },
  {
    name: 'an input of 40,000 misspelt fields',
    run: (client) =>
      client.repeat(8, () =>
        client.post(
          reserving(Object.fromEntries(Array.from({ length: 40_000 }, (_, n) => [`chanel${n}`, 1]))),
        ),
      ),
  },
  {
    name: '480 fields of one alias, in 16 kB',
    run: (client) =>
      client.repeat(8, () =>
        client.post({
          query: `{${Array.from({ length: 480 }, (_, n) => `a:orders(first:1){n${n % 50}:nodes{id}}`).join(' ')}}`,
        }),
      ),
  },
  {
    name: 'variables of 60,000 wrong entries',
    run: (client) =>
      client.repeat(4, () =>
        client.post({
          query: 'query($s:[ID!]!){availableToPromise(skus:$s){quantity}}',
          variables: { s: Array.from({ length: 60_000 }, () => ({})) },
        }),
      ),
  },
  {
    name: 'bodies of 10 MB',
    run: (client) => client.repeat(4, () => client.post(Buffer.alloc(10_000_000, ' '))),
  },
  {
    name: '300 connections, a byte of a header a second',
    run: async (client) => {
      const sockets = Array.from({ length: 300 }, () => client.raw());
      for (const socket of sockets) socket.write('POST /graphql HTTP/1.1\r\nhost: x\r\nx: ');
      await client.repeat(1, () => trickle(sockets));
    },
  },
  {
    name: '300 connections, a byte of a body a second',
    run: async (client) => {
      const sockets = Array.from({ length: 300 }, () => client.raw());
      for (const socket of sockets)
        socket.write(
          `POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${client.key}\r\ncontent-type: application/json\r\ncontent-length: 900000\r\n\r\n{`,
        );
      await client.repeat(1, () => trickle(sockets));
    },
  },
  {
    name: '300 bodies without end behind a 401',
    run: async (client) => {
      const sockets = Array.from({ length: 300 }, () => client.raw());
      for (const socket of sockets)
        socket.write(
          'POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\ncontent-type: application/json\r\ncontent-length: 900000\r\n\r\n{',
        );
      await client.repeat(1, () => trickle(sockets));
    },
  },
  {
    name: '40 pipelined answers that nobody reads, on 40 connections',
    run: async (client) => {
      const body = JSON.stringify({ query: projections(1, 180), variables: { s: skus.slice(0, 50) } });
      const request = `POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${client.key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
      for (let n = 0; n < 40; n++) client.raw().pause().write(request.repeat(40));
      await untilOver(client);
    },
  },
  {
    name: 'keys that do not exist',
    run: (client) =>
      client.repeat(16, () =>
        client.post(
          { query: '{channels{code}}' },
          { key: `owk_${String(Math.random()).slice(2, 12).padEnd(10, '0')}_${'x'.repeat(41)}` },
        ),
      ),
  },
  {
    name: 'phones by trying',
    run: (client) =>
      client.repeat(16, () =>
        client.post({
          query: `{customersByIdentity(kind:PHONE,value:"138${String(Math.random()).slice(2, 10)}"){displayName identities{value}}}`,
        }),
      ),
  },
  {
    name: 'reservations of 100 lines that nobody can have',
    run: (client) =>
      client.repeat(16, () =>
        client.post(
          reserving({
            reference: 'x',
            lines: manyOf(skus, 50).map((sku) => ({ sku, quantity: 1_000_000 })),
          }),
        ),
      ),
  },
  {
    name: 'one row, 64 callers, all reserve and let it expire',
    run: (client) =>
      client.repeat(64, () =>
        client.post(
          reserving({
            reference: 'x',
            ttlSeconds: 1,
            lines: [{ sku: skus[0], quantity: 1 }],
          }),
        ),
      ),
  },
  {
    name: '900 kB as a reference',
    run: (client) =>
      client.repeat(4, () =>
        client.post(
          reserving({
            reference: 'x'.repeat(900_000),
            lines: [{ sku: skus[0], quantity: 1 }],
          }),
        ),
      ),
  },
  {
    name: 'drafts of rules with twelve nested loops',
    run: (client) => client.repeat(4, () => client.post(drafting(nestedLoops(12)))),
  },
  {
    name: 'drafts of rules of 900 kB',
    run: (client) => client.repeat(4, () => client.post(drafting(`node.code == "${'x'.repeat(900_000)}"`))),
  },
  {
    name: 'pushes to /hooks of 1 MB with wrong signatures',
    run: (client) =>
      client.repeat(8, () =>
        client.post('x'.repeat(1_000_000), { path: '/hooks/files', headers: { 'x-signature': 'x' } }),
      ),
  },
  {
    name: '15,000 references at a subgraph',
    transport: 'subgraph',
    run: (client) =>
      client.repeat(8, () =>
        client.post(
          {
            query:
              'query($r:[_Any!]!){_entities(representations:$r){... on Sku{availableToPromise{projection(days:30){on quantity}}}}}',
            variables: { r: Array.from({ length: 15_000 }, () => ({ __typename: 'Sku', code: skus[0] })) },
          },
          { path: '/subgraphs/inventory/graphql' },
        ),
      ),
  },
  {
    name: '50 references, each with the longest projection',
    transport: 'subgraph',
    run: (client) =>
      client.repeat(8, () =>
        client.post(
          {
            query:
              'query($r:[_Any!]!){_entities(representations:$r){... on Sku{availableToPromise{projection(days:180){on quantity onHand demand}}}}}',
            variables: { r: skus.slice(0, 50).map((code) => ({ __typename: 'Sku', code })) },
          },
          { path: '/subgraphs/inventory/graphql' },
        ),
      ),
  },
];

const reserving = (input) => ({
  query: 'mutation($i:ReserveInput!){reserve(input:$i){__typename}}',
  variables: { i: { idempotencyKey: randomUUID(), channel: 'tmall', ...input } },
});
const drafting = (when) => ({
  query: 'mutation($i:RuleSetDraftInput!){createRuleSetDraft(input:$i){__typename}}',
  variables: { i: { idempotencyKey: randomUUID(), rules: [{ name: 'r', effect: 'EXCLUDE', when }] } },
});

async function trickle(sockets) {
  for (const socket of sockets) if (!socket.destroyed) socket.write('x');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
}

function nestedLoops(depth) {
  const list = '[1,2,3,4,5,6,7,8,9,10]';
  return depth === 0 ? 'true' : `${list}.all(v${depth}, ${nestedLoops(depth - 1)})`;
}
