import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunningHub } from '../../support/hub.ts';
import {
  ADJUST,
  CONFIRM,
  EXTEND,
  RELEASE,
  RESERVE,
  SKUS,
  newKey,
  reserveInput,
  startShop,
  stateOf,
  type HubState,
} from '../../support/graph/fixture.ts';
import { transports, overSocket } from '../../support/graph/transports.ts';

let hub: RunningHub;
let before: HubState;

beforeAll(async () => {
  hub = await startShop();
});
beforeEach(async () => {
  before = await stateOf(hub);
});
afterAll(() => hub?.stop());

const reserve = (more: Record<string, unknown>) => [RESERVE, { input: reserveInput(more) }] as const;
const reserveQuantity = (quantity: unknown) => reserve({ lines: [{ sku: 'TEA', quantity }] });
const adjust = (more: Record<string, unknown>) =>
  [
    ADJUST,
    {
      input: {
        idempotencyKey: newKey(),
        node: 'WH',
        reason: 'count',
        lines: [{ sku: 'TEA', counted: 5 }],
        ...more,
      },
    },
  ] as const;
const lines = (count: number) => Array.from({ length: count }, () => ({ sku: 'TEA', quantity: 1 }));
const onReservation = (document: string, id: string, more = {}) =>
  [document, { input: { idempotencyKey: newKey(), reservationId: id, ...more } }] as const;
const literal = (
  quantity: string,
) => `mutation { reserve(input: { idempotencyKey: "${newKey()}", channel: "douyin",
  reference: "R", lines: [{ sku: "TEA", quantity: ${quantity} }] }) { __typename } }`;
const atp = (argument: string) => `{ availableToPromise(${argument}) { quantity } }`;
const strange = '019aa000-0000-7000-8000-000000000000';
const cursor = (...parts: string[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');

/** What is sent, the code it is refused with, and what the message must say. */
const refused: [what: string, code: string, says: RegExp, sent: () => readonly [string, object?, string?]][] =
  [
    ['a malformed document', 'GRAPHQL_PARSE_FAILED', /Syntax Error/, () => ['{ channels { code ']],
    ['an empty selection', 'GRAPHQL_PARSE_FAILED', /Syntax Error/, () => ['{ }']],
    [
      'an unknown field',
      'GRAPHQL_VALIDATION_FAILED',
      /Cannot query field "skuz".*Did you mean/,
      () => ['{ skuz { nodes { code } } }'],
    ],
    [
      'an unknown argument',
      'GRAPHQL_VALIDATION_FAILED',
      /Unknown argument "kode"/,
      () => ['{ sku(kode: "TEA") { code } }'],
    ],
    [
      'an unknown input field',
      'BAD_USER_INPUT',
      /"price" is not defined by type "ReserveInput"/,
      () => reserve({ price: 1 }),
    ],
    [
      'a missing variable',
      'BAD_USER_INPUT',
      /Variable "\$input" of required type "ReserveInput!" was not provided/,
      () => [RESERVE, {}],
    ],
    [
      'an operation of another name',
      'OPERATION_RESOLUTION_FAILURE',
      /operation/,
      () => ['query A { channels { code } } query B { channels { code } }', {}, 'C'],
    ],
    [
      'no name among several operations',
      'OPERATION_RESOLUTION_FAILURE',
      /operation/,
      () => ['query A { channels { code } } query B { channels { code } }'],
    ],
    ['an unknown SKU', 'UNKNOWN_SKU', /NOPE/, () => reserve({ lines: [{ sku: 'NOPE', quantity: 1 }] })],
    [
      'unknown SKUs',
      'UNKNOWN_SKU',
      /NOPE-1.*NOPE-2/,
      () =>
        reserve({
          lines: [
            { sku: 'NOPE-1', quantity: 1 },
            { sku: 'TEA', quantity: 1 },
            { sku: 'NOPE-2', quantity: 1 },
          ],
        }),
    ],
    [
      'unknown SKUs of a query',
      'UNKNOWN_SKU',
      /NOPE-1.*NOPE-2/,
      () => [atp('skus: ["NOPE-1", "TEA", "NOPE-2"]')],
    ],
    [
      'unknown SKUs of a count',
      'UNKNOWN_SKU',
      /NOPE-1.*NOPE-2/,
      () =>
        adjust({
          lines: [
            { sku: 'NOPE-1', counted: 1 },
            { sku: 'NOPE-2', counted: 1 },
          ],
        }),
    ],
    [
      'an unknown channel',
      'UNKNOWN_CHANNEL',
      /Channel taobao does not exist/,
      () => reserve({ channel: 'taobao' }),
    ],
    [
      'an unknown channel of a query',
      'UNKNOWN_CHANNEL',
      /Channel taobao does not exist/,
      () => [atp('skus: ["TEA"], channel: "taobao"')],
    ],
    ['an unknown pool', 'UNKNOWN_POOL', /Pool MOON does not exist/, () => reserve({ pool: 'MOON' })],
    [
      'an unknown pool of a query',
      'UNKNOWN_POOL',
      /Pool MOON does not exist/,
      () => [atp('skus: ["TEA"], pool: "MOON"')],
    ],
    ['an unknown node', 'UNKNOWN_NODE', /MOON/, () => adjust({ node: 'MOON' })],
    [
      'quantity 0',
      'QUANTITY_OUT_OF_RANGE',
      /`lines\[0\]\.quantity` must be 1 to 1000000, was 0/,
      () => reserveQuantity(0),
    ],
    [
      'a negative quantity',
      'QUANTITY_OUT_OF_RANGE',
      /must be 1 to 1000000, was -1/,
      () => reserveQuantity(-1),
    ],
    [
      'a quantity beyond the most',
      'QUANTITY_OUT_OF_RANGE',
      /must be 1 to 1000000, was 1000001/,
      () => reserveQuantity(1_000_001),
    ],
    [
      '2^31 in a variable',
      'BAD_USER_INPUT',
      /lines\[0\]\.quantity"; Int cannot represent non 32-bit signed integer value: 2147483648/,
      () => reserveQuantity(2 ** 31),
    ],
    [
      '2^31 as a literal',
      'GRAPHQL_VALIDATION_FAILED',
      /Int cannot represent non 32-bit signed integer value: 2147483648/,
      () => [literal(String(2 ** 31))],
    ],
    [
      'half a unit',
      'BAD_USER_INPUT',
      /Int cannot represent non-integer value: 0.5/,
      () => reserveQuantity(0.5),
    ],
    [
      'a quantity in quotes',
      'BAD_USER_INPUT',
      /Int cannot represent non-integer value: "1"/,
      () => reserveQuantity('1'),
    ],
    ['no lines', 'LIST_EMPTY', /must have 1 to 100 entries, has 0/, () => reserve({ lines: [] })],
    [
      '101 lines',
      'TOO_MANY_LINES',
      /must have 1 to 100 entries, has 101/,
      () => reserve({ lines: lines(101) }),
    ],
    [
      '10,001 lines',
      'TOO_MANY_LINES',
      /must have 1 to 100 entries, has 10001/,
      () => reserve({ lines: lines(10_001) }),
    ],
    ['no SKUs', 'LIST_EMPTY', /`skus` must have 1 to 500 entries, has 0/, () => [atp('skus: []')]],
    [
      'a reservation that is not there',
      'RESERVATION_NOT_FOUND',
      new RegExp(strange),
      () => onReservation(CONFIRM, strange),
    ],
    [
      'a reservation id of another kind',
      'RESERVATION_NOT_FOUND',
      /no reservation ORDER-1/,
      () => onReservation(RELEASE, 'ORDER-1'),
    ],
    [
      'a hold of no time',
      'TTL_OUT_OF_RANGE',
      /`ttlSeconds` must be 1 to 14400, was 0/,
      () => reserve({ ttlSeconds: 0 }),
    ],
    [
      'a hold beyond the longest',
      'TTL_OUT_OF_RANGE',
      /`ttlSeconds` must be 1 to 14400, was 14401/,
      () => reserve({ ttlSeconds: 14_401 }),
    ],
    [
      'an extension beyond the longest',
      'TTL_OUT_OF_RANGE',
      /must be 1 to 14400, was 14401/,
      () => onReservation(EXTEND, strange, { ttlSeconds: 14_401 }),
    ],
    [
      'an empty idempotency key',
      'IDEMPOTENCY_KEY_INVALID',
      /must have 1 to 200 characters, has 0/,
      () => reserve({ idempotencyKey: '' }),
    ],
    [
      'a key of 201 characters',
      'IDEMPOTENCY_KEY_INVALID',
      /must have 1 to 200 characters, has 201/,
      () => adjust({ idempotencyKey: 'k'.repeat(201) }),
    ],
    [
      'a blank reference',
      'BAD_USER_INPUT',
      /`reference` must have 1 to 200 characters/,
      () => reserve({ reference: ' ' }),
    ],
    [
      'a count and a correction at once',
      'BAD_USER_INPUT',
      /`lines\[0\]` must have exactly one of `delta` and `counted`/,
      () => adjust({ lines: [{ sku: 'TEA', delta: 1, counted: 1 }] }),
    ],
    [
      'neither count nor correction',
      'BAD_USER_INPUT',
      /`lines\[0\]` must have exactly one of `delta` and `counted`/,
      () => adjust({ lines: [{ sku: 'TEA' }] }),
    ],
    [
      'a page of 0',
      'PAGE_SIZE_OUT_OF_RANGE',
      /`first` must be 1 to 100, was 0/,
      () => ['{ skus(first: 0) { nodes { code } } }'],
    ],
    [
      'a page of 101',
      'PAGE_SIZE_OUT_OF_RANGE',
      /`first` must be 1 to 100, was 101/,
      () => ['{ skus(first: 101) { nodes { code } } }'],
    ],
    [
      'an invented cursor',
      'INVALID_CURSOR',
      /take `endCursor` of a page/,
      () => ['{ skus(after: "page 2") { nodes { code } } }'],
    ],
    [
      'a cursor of too many parts',
      'INVALID_CURSOR',
      /not a cursor of this list/,
      () => [
        'query ($after: String) { skus(after: $after) { nodes { code } } }',
        { after: cursor('1', '2') },
      ],
    ],
    [
      'a cursor with NUL inside',
      'INVALID_CURSOR',
      /not a cursor of this list/,
      () => [
        'query ($after: String) { skus(after: $after) { nodes { code } } }',
        { after: cursor('1\u0000') },
      ],
    ],
    [
      'NUL in a variable',
      'BAD_USER_INPUT',
      /`\$input\.lines\[0\]\.sku` has a NUL character \(U\+0000\)/,
      () => reserve({ lines: [{ sku: 'TEA\u0000', quantity: 1 }] }),
    ],
    [
      'NUL in an idempotency key',
      'BAD_USER_INPUT',
      /`\$input\.idempotencyKey` has a NUL/,
      () => reserve({ idempotencyKey: `a\u0000b` }),
    ],
    [
      'NUL in a reason',
      'BAD_USER_INPUT',
      /`\$input\.reason` has a NUL/,
      () => onReservation(RELEASE, strange, { reason: 'a\u0000b' }),
    ],
    [
      'NUL in a literal',
      'BAD_USER_INPUT',
      /line 1, column 14 has a NUL/,
      () => ['{ sku(code:  "TEA\\u0000") { code } }'],
    ],
    [
      'NUL in a search',
      'BAD_USER_INPUT',
      /has a NUL/,
      () => ['query ($for: String) { skus(search: $for) { nodes { code } } }', { for: '\u0000' }],
    ],
    [
      'half a surrogate pair in a variable',
      'BAD_USER_INPUT',
      /`\$input\.reference` has half of a surrogate pair/,
      () => reserve({ reference: 'cup \ud83c' }),
    ],
    [
      'half a surrogate pair in a literal',
      'GRAPHQL_PARSE_FAILED',
      /Invalid/,
      () => ['{ sku(code: "\\ud83c") { code } }'],
    ],
    [
      'an identity that is none',
      'INVALID_IDENTITY',
      /./,
      () => ['{ customersByIdentity(kind: PHONE, value: "call me") { id } }'],
    ],
    [
      'a variable nested beyond any stack',
      'BAD_USER_INPUT',
      /Variable "\$after" got invalid value/,
      () => [
        'query ($after: String) { skus(after: $after) { nodes { code } } }',
        { after: JSON.parse(`${'['.repeat(1_500)}${']'.repeat(1_500)}`) as unknown },
      ],
    ],
  ];

describe.each(transports)('over $name', (transport) => {
  test.each(refused)('%s is refused with %s and changes nothing', async (_what, code, says, sent) => {
    const { errors, data, status } = await transport.send(hub, ...sent());
    expect(errors?.map(({ extensions }) => extensions.code)).toContain(code);
    expect(errors!.find(({ extensions }) => extensions.code === code)!.message).toMatch(says);
    expect(JSON.stringify(errors)).not.toMatch(/stacktrace|node_modules|\bselect\b/);
    expect(data ?? null).toBeNull();
    if (transport !== overSocket) expect([200, 400]).toContain(status);
    expect(await stateOf(hub)).toEqual(before);
    expect(before.consistent).toBe(true);
  });

  test('the least and the most that is allowed is taken', async () => {
    const held = await transport.send(
      hub,
      ...reserve({ lines: lines(100), ttlSeconds: 14_400, idempotencyKey: newKey().padEnd(200, '-') }),
    );
    expect(held.data).toMatchObject({ reserve: { __typename: 'Reservation' } });
    const { id } = held.data!.reserve as { id: string };
    await transport.send(hub, ...onReservation(RELEASE, id));
    const most = await transport.send(hub, ...reserveQuantity(1_000_000));
    expect(most.data).toEqual({
      reserve: {
        __typename: 'InsufficientStock',
        shortages: [{ sku: 'TEA', requested: 1_000_000, available: 100 }],
      },
    });
    const page = await transport.send(hub, '{ skus(first: 100) { nodes { code } } }');
    expect(page.data).toEqual({ skus: { nodes: SKUS.map((code) => ({ code })) } });
  });
});
