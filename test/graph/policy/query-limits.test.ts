import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import type { RunningHub } from '../../support/hub.ts';
import { RESERVE, newKey, reserveInput, startShop, stateOf } from '../../support/graph/fixture.ts';
import { transports, overSocket } from '../../support/graph/transports.ts';

let hub: RunningHub;

beforeAll(async () => {
  hub = await startShop();
});
afterAll(() => hub?.stop());

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');
/** An odd number of selection sets, one in the other, of a SKU. */
const skuSelection = (levels: number): string =>
  levels === 1 ? '{ code }' : `{ availableToPromise { sku ${skuSelection(levels - 2)} } }`;
const deep = (levels: number) => `{ sku(code: "TEA") ${skuSelection(levels - 1)} }`;
/** Each fragment spreads the next one twice: 2^count fields, which no machine could visit one by one. */
const bomb = (count: number) =>
  `{ ...f0 } ${times(count, (i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`)} fragment f${count} on Query { channels { code } }`;
const nestedBomb = (count: number) =>
  `{ sku(code: "TEA") { ...f0 } } ${times(count, (i) => `fragment f${i} on Sku { a${i}: availableToPromise { sku { ...f${i + 1} } } b${i}: availableToPromise { sku { ...f${i + 1} } } }`)} fragment f${count} on Sku { code }`;
const manyReserves = (count: number) =>
  `mutation ($input: ReserveInput!) { ${times(count, (i) => `r${i}: reserve(input: $input) { __typename }`)} }`;

describe.each(transports)('over $name', (transport) => {
  test.each([
    ['too deep', deep(16), /is 16 levels deep; at most 15 are allowed/],
    [
      'too deep by a fragment',
      `{ sku(code: "TEA") { ...x } } fragment x on Sku ${skuSelection(15)}`,
      /is 16 levels deep/,
    ],
    [
      'too deep by an inline fragment',
      `{ sku(code: "TEA") { ... ${skuSelection(15)} } }`,
      /is 16 levels deep/,
    ],
    [
      'of too many aliases',
      `{ sku(code: "TEA") { ${times(61, (i) => `a${i}: code`)} } }`,
      /has 61 aliases; at most 60 are allowed/,
    ],
    [
      'of too many root fields',
      `{ ${times(31, () => '__typename')} }`,
      /has 31 root fields; at most 30 are allowed/,
    ],
    ['of too many commands', manyReserves(31), /has 31 root fields; at most 30 are allowed/],
    [
      'of too many root fields in a fragment',
      `query { ...x } fragment x on Query { ${times(31, () => '__typename')} }`,
      /has 31 root fields; at most 30 are allowed/,
    ],
    [
      'of too many fields',
      `{ sku(code: "TEA") { ${times(1_001, () => 'code')} } }`,
      /repeats fields of one name too often in one place/,
    ],
    ['of too many tokens', `{ ${times(10_001, () => 'code')} }`, /at most 10000 tokens are allowed/],
    ['of selections beyond the stack', '{ a '.repeat(5_000), /nested too deep to be read/],
    ['of lists beyond the stack', `{ sku(code: ${'['.repeat(9_900)}`, /nested too deep to be read/],
    ['that doubles with each fragment', bomb(400), /selects .* fields; at most 1000 are allowed/],
    ['that doubles with each nested fragment', nestedBomb(100), /repeats fields of one name too often/],
  ])('a document %s is refused before anything of it is executed', async (_what, document, says) => {
    const before = await stateOf(hub);
    const { errors, data, status } = await transport.send(hub, document, { input: reserveInput() });
    const excess = errors!.filter(({ extensions }) => extensions.code === 'QUERY_TOO_COMPLEX');
    expect(excess).toMatchObject([
      { message: expect.stringMatching(says), extensions: { retryable: false } },
    ]);
    expect(data).toBeUndefined();
    if (transport !== overSocket) expect(status).toBe(400);
    expect(await stateOf(hub)).toEqual(before);
  });

  test.each([
    ['14 levels', deep(14)],
    ['60 aliases', `{ sku(code: "TEA") { ${times(60, (i) => `a${i}: code`)} } }`],
    ['30 root fields', `{ ${times(30, () => '__typename')} }`],
    ['990 fields', `{ ${times(30, (i) => `a${i}: sku(code: "TEA") { ${times(32, () => 'code')} }`)} }`],
    [
      'cyclic fragments, refused for what they are',
      'query { ...a } fragment a on Query { ...b } fragment b on Query { ...a }',
    ],
    ["GraphiQL's introspection", introspection()],
  ])('%s are within the limits', async (_what, document) => {
    const { errors } = await transport.send(hub, document);
    expect(errors?.map(({ extensions }) => extensions.code) ?? []).toEqual(
      document.includes('...a') ? ['GRAPHQL_VALIDATION_FAILED'] : [],
    );
  });

  test('a batch of commands within the limits is carried out, each on its own', async () => {
    const inputs = [reserveInput(), reserveInput({ idempotencyKey: newKey() })];
    const document = RESERVE.replace(
      '($input: ReserveInput!)',
      '($a: ReserveInput!, $b: ReserveInput!)',
    ).replace(
      /reserve\(input: \$input\) (\{[\s\S]*\})\n\}$/,
      'a: reserve(input: $a) $1 b: reserve(input: $b) $1 }',
    );
    const { data } = await transport.send(hub, document, { a: inputs[0], b: inputs[1] });
    expect(data).toMatchObject({ a: { __typename: 'Reservation' }, b: { __typename: 'Reservation' } });
  });
});

test('a batch of documents in one HTTP request is refused', async () => {
  const response = await fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${hub.adminKey}` },
    body: JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]),
  });
  expect(response.status).toBe(400);
});

function introspection(): string {
  return getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  });
}
