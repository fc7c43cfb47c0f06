import { expect, test } from '@jest/globals';
import { buildSchema, getOperationAST, parse, type ExecutionResult } from 'graphql';
import { compileOperation } from '../../../src/graph/execution/compile-operation.ts';
import { ExecutionGuard } from '../../../src/graph/execution/execution-guard.ts';
import type { RequestContext } from '../../../src/platform/api/request-context.ts';

const schema = buildSchema(`
  type Query { rows(count: Int!, promised: Boolean = false): [Row!] other: Row }
  type Mutation { first: Int second: Int }
  type Row { n: Int! text(length: Int!): String rows(count: Int!): [Row!] slow: Int }
`);
const context = {} as RequestContext;
/** Takes so long as to hold the event loop if many come in a row. */
function work(milliseconds: number): void {
  for (const until = performance.now() + milliseconds; performance.now() < until;);
}
const row = (n: number): object => ({
  n: () => {
    work(0.1);
    return n;
  },
  text: ({ length }: { length: number }) => 'x'.repeat(length),
  rows: ({ count }: { count: number }) => Array.from({ length: count }, (_, each) => row(each)),
});
schema.getQueryType()!.getFields()['rows']!.resolve = (
  _source,
  { count, promised }: { count: number; promised: boolean },
) => {
  const rows = Array.from({ length: count }, (_, n) => row(n));
  return promised ? rows.map((each) => Promise.resolve(each)) : rows;
};
let executed: string[] = [];
for (const name of ['first', 'second'])
  schema.getMutationType()!.getFields()[name]!.resolve = async () => {
    executed.push(name);
    return 1;
  };

function run(source: string, guard?: ExecutionGuard): Promise<ExecutionResult> {
  const document = parse(source);
  const compiled = compileOperation(schema, document, getOperationAST(document)!)!;
  return Promise.resolve(compiled({}, context, undefined, guard)!);
}
const NO = { objects: Infinity, bytes: Infinity, milliseconds: Infinity };

test.each([
  ['a list', '{ rows(count: 3000) { n } }'],
  ['a list of promises', '{ rows(count: 3000, promised: true) { n } }'],
  ['lists in lists', '{ rows(count: 30) { rows(count: 100) { n } } }'],
])('others have their turn while %s is made', async (_what, source) => {
  let turns = 0;
  let done = false;
  const count = () => {
    turns += 1;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  const { data, errors } = await run(source); // 300 ms of work
  done = true;
  expect(errors).toBeUndefined();
  expect(JSON.stringify(data).match(/"n":/g)).toHaveLength(3_000);
  expect(turns).toBeGreaterThan(5);
});

test.each<[string, string, object]>([
  ['objects', '{ rows(count: 10) { rows(count: 20) { n } } }', { objects: 100 }],
  ['bytes', '{ rows(count: 10) { text(length: 100) } }', { bytes: 500 }],
  ['bytes of names', `{ rows(count: 10) { ${'a'.repeat(100)}: n } }`, { bytes: 500 }],
])('ends an execution that makes too many %s', async (_what, source, limit) => {
  const { data, errors } = await run(source, new ExecutionGuard({ ...NO, ...limit }));
  expect(data).toBeNull(); // the whole, though the list may be null
  expect(errors!.map(({ extensions }) => extensions['code'])).toEqual(['QUERY_TOO_COMPLEX']);
});

test('ends an execution that takes too long', async () => {
  const { data, errors } = await run(
    '{ rows(count: 3000) { n } }',
    new ExecutionGuard({ ...NO, milliseconds: 30 }),
  );
  expect(data).toBeNull();
  expect(errors!.map(({ extensions }) => extensions['code'])).toEqual(['OPERATION_TIMED_OUT']);
});

test('ends an execution that nobody waits for', async () => {
  let made = 0;
  schema.getQueryType()!.getFields()['other']!.resolve = () => ({
    rows: () =>
      Array.from({ length: 3_000 }, () => ({
        n: () => {
          made += 1;
          work(0.1);
          return 1;
        },
      })),
  });
  const { data } = await run('{ other { rows(count: 1) { n } } }', new ExecutionGuard(NO, () => true));
  expect(data).toBeNull();
  expect(made).toBeLessThan(1_500);
});

test('begins no further command for who has left', async () => {
  executed = [];
  await run('mutation { first second }', new ExecutionGuard(NO, () => executed.length > 0));
  expect(executed).toEqual(['first']);
});
