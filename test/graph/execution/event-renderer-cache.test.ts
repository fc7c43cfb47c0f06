import { expect, test } from '@jest/globals';
import { buildSchema, execute, parse, type ExecutionArgs } from 'graphql';
import { ValidatedDocumentCache } from '../../../src/graph/execution/validated-document-cache.ts';
import {
  EventRendererCache,
  type SharedOperation,
} from '../../../src/graph/execution/event-renderer-cache.ts';
import { HubError } from '../../../src/platform/errors.ts';
import type { RequestContext } from '../../../src/platform/api/request-context.ts';
import type { SharedEventSource } from '../../../src/platform/api/shared-event-source.ts';

const schema = buildSchema(`
  type Query { x: Int }
  type Subscription { moved(of: [ID!]!, unit: String): Moved }
  type Moved { by: Int! parts: [Part!] wrong: Int! }
  type Part { name: String }
`);
const QUERY = `subscription Moved($of: [ID!]!, $unit: String, $all: Boolean = true) {
  again: moved(of: $of, unit: $unit) { ...more by parts @include(if: $all) { name } }
}
fragment more on Moved { __typename }`;
const source = { filterArguments: ['of'] } as unknown as SharedEventSource<unknown>;

const makeRenderings = () =>
  new EventRendererCache(
    () => ({}) as RequestContext,
    (result) => result as never,
  );

function operation(
  variableValues: Record<string, unknown>,
  query = QUERY,
): SharedOperation & { args: ExecutionArgs } {
  const document = parse(query);
  const compiled = new ValidatedDocumentCache(schema).add(query, document).operation(undefined)!.compiled();
  const actor = { partner: 'p', name: 'n', admin: false };
  return { query, args: { schema, document, variableValues }, actor, compiled, eventDelayMs: () => 0 };
}

const told = async (message: Buffer | Promise<Buffer>) =>
  (JSON.parse(`{"id":"1"${String(await message)}`) as { payload: unknown }).payload;

test.each([
  [{ of: ['a'] }, { moved: { by: 1, parts: [{ name: 'x' }, { name: null }] } }],
  [{ of: ['a'], all: false }, { moved: { by: 2 } }],
  [{ of: ['a'] }, { moved: Promise.resolve({ by: 3, parts: () => Promise.resolve([]) }) }],
  [{ of: ['a'] }, { moved: null }],
  [{ of: ['a'] }, { moved: { by: null } }],
  [{ of: ['a'] }, { moved: () => Promise.reject(new Error('no')) }],
])('an event is told as graphql-js would execute it: %j', async (variables, event) => {
  const wanted = operation(variables);
  expect(wanted.compiled).toBeDefined();
  const { rendering } = makeRenderings().acquire(wanted, source);
  const expected = await execute({ ...wanted.args, rootValue: event });
  expect(await told(rendering(event))).toEqual(JSON.parse(JSON.stringify(expected)));
});

test('whoever differs only in what is chosen uses the same rendering, until nobody does', () => {
  const renderings = makeRenderings();
  const first = renderings.acquire(operation({ of: ['a'], unit: 'kg' }), source);
  const second = renderings.acquire(operation({ unit: 'kg', of: ['b', 'c'] }), source);
  expect(second.rendering).toBe(first.rendering);
  expect(renderings.acquire(operation({ of: ['a'], unit: 'g' }), source).rendering).not.toBe(first.rendering);
  renderings.release(first);
  expect(renderings.acquire(operation({ of: ['d'], unit: 'kg' }), source).rendering).toBe(first.rendering);
  renderings.release(first);
  renderings.release(second);
  expect(renderings.acquire(operation({ of: ['a'], unit: 'kg' }), source).rendering).not.toBe(
    first.rendering,
  );
});

test('a variable that chooses and tells is told apart', () => {
  const renderings = makeRenderings();
  const both = 'subscription ($unit: ID!) { moved(of: [$unit], unit: $unit) { by } }';
  const [a, b] = ['a', 'b'].map((unit) => renderings.acquire(operation({ unit }, both), source).rendering);
  expect(a).not.toBe(b);
});

test('an event that meets an outage of the database is told once the database answers again', async () => {
  let attempts = 0;
  const moved = () =>
    attempts++ === 0
      ? Promise.reject(new HubError('DATABASE_UNAVAILABLE', 'no answer'))
      : Promise.resolve({ by: 4 });
  const { rendering } = makeRenderings().acquire(operation({ of: ['a'], all: false }), source);
  expect(await told(rendering({ moved }))).toEqual({ data: { again: { __typename: 'Moved', by: 4 } } });
});

test('nobody waits for an event that nobody watches any more', async () => {
  const moved = () => Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }));
  const renderings = makeRenderings();
  const used = renderings.acquire(operation({ of: ['a'], all: false }), source);
  const message = used.rendering({ moved });
  renderings.release(used);
  expect(await told(message)).toMatchObject({ data: { again: null } });
});
