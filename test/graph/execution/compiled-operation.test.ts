import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  GraphQLError,
  buildSchema,
  execute,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isAbstractType,
  isCompositeType,
  isObjectType,
  parse,
  validate,
  type ExecutionResult,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
} from 'graphql';
import { compileOperation } from '../../../src/graph/execution/compile-operation.ts';
import { compileVariables } from '../../../src/graph/execution/compile-variables.ts';
import type { RequestContext } from '../../../src/platform/api/request-context.ts';

const schema = buildSchema(`
  enum Colour { RED GREEN }
  input Pick @oneOf { name: String, size: Int }
  input Filter { colour: Colour = RED, sizes: [Int!], and: [Filter!], pick: Pick, word: String! }
  interface Thing { name: String, next: Thing }
  type Cup implements Thing { name: String, next: Thing, size: Int!, sizes: [Int!], handles: [[Int]!] }
  type Pot implements Thing { name: String, next: Thing, lid: Cup!, cups: [Cup!]!, colour: Colour }
  union Item = Cup | Pot
  type Query {
    thing(size: Int = 3, filter: Filter): Thing
    cup(word: String!): Cup!
    pots(sizes: [Int!], colour: Colour): [Pot]
    items: [Item!]
    say(filter: Filter): String
  }
  type Mutation { put(size: Int): Cup, move(filter: Filter!): Item!, say(filter: Filter): String }
`);

const context = {} as RequestContext;
const text = (result: unknown) => JSON.stringify(result);

/** What a resolver comes to, by a number that stands for its place and the run. */
type Outcome = (seed: number, info: GraphQLResolveInfo, args: unknown, mode?: Mode) => unknown;
/**
 * Whether all below a list comes at once or later: of a mixture graphql-js 16.15 leaves promises unheard when an item
 * fails at once, which ends this run.
 */
type Mode = 'at once' | 'later';
const outcome: Outcome = (seed, info, args, mode) => {
  if (mode === 'later') return Promise.resolve().then(() => outcomeBelow(seed, info, args));
  const value = valueOf(info.returnType, seed, mode);
  if (mode === 'at once' && [2, 4, 5, 6, 7].includes(seed % 13)) return value;
  switch (seed % 13) {
    case 0:
      return null;
    case 1:
      throw new Error(`thrown in ${info.fieldName}`);
    case 2:
      return Promise.reject(new GraphQLError('refused', { extensions: { code: 'X' } }));
    case 3:
      return new Error('answered');
    case 4:
    case 5:
    case 6:
      return Promise.resolve(value);
    case 7:
      return Promise.resolve().then(() => Promise.resolve(value));
    case 8:
      return `${info.fieldName} ${text(args)} ${info.path.typename}`;
    default:
      return value;
  }
};

/** Whatever a resolver below such a list answers comes later, and so does all below it. */
function outcomeBelow(seed: number, info: GraphQLResolveInfo, args: unknown): unknown {
  if (seed % 13 === 0) return null;
  if (seed % 13 < 3) throw new GraphQLError(`refused ${text(args)}`, { extensions: { code: 'X' } });
  return valueOf(info.returnType, seed, 'later');
}

function valueOf(type: GraphQLOutputType, seed: number, mode?: Mode): unknown {
  const inner = 'ofType' in type ? (type.ofType as GraphQLOutputType) : undefined;
  if (String(type).endsWith('!')) return valueOf(inner!, seed, mode);
  if (inner) {
    const below = mode ?? (seed % 2 ? 'at once' : 'later');
    return Array.from({ length: seed % 4 }, (_, at) => {
      const item = next(seed, at) % 11 === 0 ? null : valueOf(inner, next(seed, at), below);
      return below === 'later' ? Promise.resolve(item) : item;
    });
  }
  if (isAbstractType(type)) return { __typename: ['Cup', 'Pot', 'Pot', 'None'][seed % 4], seed, mode };
  if (isObjectType(type)) return { seed, mode };
  return {
    Int: seed % 5 === 4 ? 'no number' : seed % 100,
    Colour: seed % 2 ? 'RED' : 'BLUE',
    String: 'word',
  }[String(type)];
}

const next = (seed: number, by: number) => Math.abs(Math.imul(seed + by + 1, 2_654_435_761) | 0) >>> 3;

let runSeed = 0;
for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
  if (type.name.startsWith('__')) continue;
  for (const field of Object.values(type.getFields()))
    field.resolve = (source: { seed?: number; mode?: Mode } | undefined, args, _context, info) =>
      outcome(
        next((source?.seed ?? runSeed) + field.name.length, String(info.path.key).length),
        info,
        args,
        source?.mode,
      );
}

/** A selection of fields of a type: from numbers, so that a failing one is shrunk. */
function selectionOf(type: GraphQLOutputType, bytes: number[], depth: number): string {
  const take = () => bytes.pop() ?? 0;
  const parts = Array.from({ length: 1 + (take() % 3) }, () => {
    const directive = ['', '', '', ' @skip(if: $no)', ' @include(if: $yes)', ' @include(if: false)'][
      take() % 6
    ];
    if (take() % 6 === 0) return `__typename${directive}`;
    if (isAbstractType(type) || take() % 5 === 0) {
      const named = type as GraphQLObjectType;
      const to = isAbstractType(named) ? schema.getPossibleTypes(named)[take() % 2]! : named;
      return `... on ${to.name}${directive} ${selectionOf(to, bytes, depth)}`;
    }
    const fields = Object.values((type as GraphQLObjectType).getFields());
    const field = fields[take() % fields.length]!;
    const named = getNamedType(field.type);
    const alias = take() % 4 === 0 ? `a${take() % 3}: ` : '';
    const given = field.args.map(({ name }) => ARGUMENTS[name]![take() % ARGUMENTS[name]!.length]!);
    const args = given.filter(Boolean).length > 0 ? `(${given.filter(Boolean).join(', ')})` : '';
    if (!isCompositeType(named)) return `${alias}${field.name}${args}${directive}`;
    if (depth === 0) return `__typename`;
    return `${alias}${field.name}${args}${directive} ${selectionOf(named as GraphQLOutputType, bytes, depth - 1)}`;
  });
  return `{ ${parts.join(' ')} }`;
}
const ARGUMENTS: Record<string, string[]> = {
  size: ['', 'size: 7', 'size: $size', 'size: null'],
  filter: ['filter: $filter', 'filter: $filter', 'filter: { word: $word }', 'filter: { word: "w" }'],
  word: ['word: $word', 'word: "w"'],
  sizes: ['', 'sizes: [1, $one]', 'sizes: 4'],
  colour: ['', 'colour: GREEN', 'colour: $colour'],
};
const VARIABLES = `($size: Int, $filter: Filter! = { word: "usual" }, $word: String! = "w", $one: Int! = 1,
  $colour: Colour, $yes: Boolean!, $no: Boolean! = false)`;

const operations = fc
  .record({
    kind: fc.constantFrom('query', 'mutation'),
    bytes: fc.array(fc.nat(255), { minLength: 10, maxLength: 80 }),
  })
  .map(({ kind, bytes }) => {
    const root = kind === 'query' ? schema.getQueryType()! : schema.getMutationType()!;
    return `${kind} ${VARIABLES} ${selectionOf(root, bytes, 4)}`;
  });
/** Without what the variables are for: most operations use few of them. */
const rules = (document: ReturnType<typeof parse>) =>
  validate(schema, document).filter(({ message }) => !/is never used/.test(message));

test('a compiled operation answers as graphql-js does: data, errors, their places and order', async () => {
  let compared = 0;
  let failures = 0;
  await fc.assert(
    fc.asyncProperty(operations, fc.nat(1_000_000), fc.boolean(), async (source, seed, yes) => {
      const document = parse(source);
      fc.pre(rules(document).length === 0);
      const operation = getOperationAST(document)!;
      const compiled = compileOperation(schema, document, operation)!;
      for (const variables of [{ yes }, { yes, no: !yes, size: seed % 9, colour: 'RED', one: 5 }]) {
        await new Promise(setImmediate); // when its turn is over, an execution lets others go first
        runSeed = seed;
        const theirs = await execute({ schema, document, variableValues: variables, contextValue: context });
        const ours = await compiled(variables, context);
        expect(withoutWording(ours!)).toBe(withoutWording(theirs));
        compared += 1;
        if (theirs.errors) failures += 1;
      }
    }),
    { numRuns: 500 },
  );
  expect(compared).toBeGreaterThan(300);
  expect(failures).toBeGreaterThan(50);
});

/** Defects of a resolver are told in other words than graphql-js's; clients are told neither. */
function withoutWording({ errors, data }: ExecutionResult): string {
  const told = errors?.map((error) => ({
    ...error.toJSON(),
    message:
      /was said to be|must resolve to an Object|does not exist inside|was resolved to|not a possible|serialize|answered for one|Expected value of type/.test(
        error.message,
      )
        ? 'a defect'
        : error.message,
  }));
  return text({ told, data });
}

test('what fails in a list after the whole list has failed does not end the process', async () => {
  const own = buildSchema('type Query { list: [Cup!] } type Cup { size: Int! }');
  const compiled = (() => {
    const document = parse('{ list { size } }');
    return compileOperation(own, document, getOperationAST(document)!)!;
  })();
  own.getQueryType()!.getFields().list!.resolve = () => [
    { size: () => Promise.reject(new Error('late')) },
    { size: null },
  ];
  const { errors, data } = (await compiled({}, context))!;
  expect(data).toEqual({ list: null });
  expect(errors).toHaveLength(1);
  await new Promise(setImmediate); // an unheard failure would be reported by now, and end this run
});

const anything = fc.letrec((tie) => ({
  filter: fc.record(
    {
      colour: fc.constantFrom('RED', 'GREEN', 'BLUE', 3, null),
      sizes: fc.oneof(
        fc.array(fc.constantFrom<unknown>(1, 2, null, 1.5, '1')),
        fc.constant(1),
        fc.constant(null),
      ),
      and: fc.oneof(
        { depthSize: 'small' },
        fc.constant([]),
        tie('filter'),
        fc.array(tie('filter'), { maxLength: 2 }),
      ),
      pick: fc.constantFrom({ name: 'n' }, { size: 1 }, { name: 'n', size: 1 }, {}, { name: null }, [], null),
      word: fc.constantFrom<unknown>('w', 'w', 'w', '', 'x', 7, null, true, ['w']),
      other: fc.constantFrom(undefined, undefined, undefined, undefined, 1),
    },
    { requiredKeys: [] },
  ),
}));

test('variables are taken and refused as by graphql-js', () => {
  const definitions = getOperationAST(
    parse('query ($filter: Filter, $list: [[Int]!], $n: Int! = 2, $c: Colour!) { say }'),
  )!.variableDefinitions!;
  const coerce = compileVariables(schema, definitions);
  let taken = 0;
  const given = fc.record(
    {
      filter: fc.oneof(
        { weight: 5, arbitrary: anything.filter },
        { weight: 1, arbitrary: fc.constantFrom<unknown>(null, 'f', 3, [], [{ word: 'w' }]) },
      ),
      list: fc.constantFrom<unknown>([[1]], [1, 2], 3, [null], [[null]], [], null, 'x', {}),
      n: fc.constantFrom<unknown>(1, null, 'x', 2 ** 31),
      c: fc.constantFrom<unknown>('RED', 'GREEN', 'RED', null, 'BLACK'),
      unknown: fc.constant(1),
    },
    { requiredKeys: ['c'] },
  );
  fc.assert(
    fc.property(given, (variables) => {
      const theirs = getVariableValues(schema, definitions, variables as Record<string, unknown>);
      const ours = coerce(variables as Record<string, unknown>);
      expect(ours && text(ours)).toBe(theirs.errors ? undefined : text(theirs.coerced));
      if (ours) taken += 1;
    }),
    { numRuns: 1_000 },
  );
  expect(taken).toBeGreaterThan(10);
});

describe('what graphql-js alone executed before', () => {
  test.each([
    ['introspection', '{ __schema { queryType { name } } }'],
    ['introspection of a type', '{ __type(name: "Cup") { name fields { name args { name } } } }'],
    ['a name that sets the prototype of an answer', '{ __proto__: say }'],
    [
      'many conditions',
      `query ($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!, $e: Boolean!)
       { say @skip(if: $a) @include(if: $b) x: say @skip(if: $c) y: say @skip(if: $d) z: say @skip(if: $e) }`,
    ],
  ])('%s', async (_what, source) => {
    const document = parse(source);
    const compiled = compileOperation(schema, document, getOperationAST(document)!)!;
    const variables = { a: false, b: true, c: true, d: false, e: true };
    const theirs = await execute({ schema, document, variableValues: variables, contextValue: context });
    expect(text(await compiled(variables, context))).toBe(text(theirs));
  });

  test('plans for more choices than are remembered', async () => {
    const document = parse(
      `query (${['a', 'b', 'c', 'd', 'e'].map((name) => `$${name}: Boolean!`).join(' ')}) {
        ${['a', 'b', 'c', 'd', 'e'].map((name) => `${name}: say @skip(if: $${name})`).join(' ')} __typename }`,
    );
    const compiled = compileOperation(schema, document, getOperationAST(document)!)!;
    for (let choice = 0; choice < 64; choice++) {
      const variables = Object.fromEntries(
        ['a', 'b', 'c', 'd', 'e'].map((name, bit) => [name, (choice & (1 << bit)) > 0]),
      );
      const theirs = await execute({ schema, document, variableValues: variables, contextValue: context });
      expect(text(await compiled(variables, context))).toBe(text(theirs));
    }
  });

  test('a condition without a value', () => {
    const document = parse('query ($if: Boolean) { say @skip(if: $if) }');
    const compiled = compileOperation(schema, document, getOperationAST(document)!)!;
    expect(compiled({}, context)).toBeUndefined();
    expect(compiled({ if: null }, context)).toBeUndefined();
    expect(compiled({ if: true }, context)).toEqual({ data: {} });
  });
});
