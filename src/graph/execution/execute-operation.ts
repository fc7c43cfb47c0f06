import {
  GraphQLError,
  defaultTypeResolver,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  locatedError,
  type ExecutionResult,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
} from 'graphql';
import type { RequestContext } from '../../platform/api/request-context.ts';
import { ExecutionGuard } from './execution-guard.ts';
import { turns } from '../../platform/process/event-loop-turns.ts';

/**
 * Executes what compile-operation.ts has compiled: section "Execution" of the GraphQL specification, function by
 * function as src/execution/execute.ts of graphql-js 16 has it, so that answers, errors and their order are the same;
 * test/graph/execution/compiled-operation.test.ts compares the two. Beyond them it counts what the answer takes, lets
 * others have their turn, and can be ended.
 */

/** One field of a selection, with all that does not depend on the request. */
export interface FieldPlan {
  /** Its name in the answer. */
  key: string;
  /** Set: it asks for the name of its type, and nothing else is set. */
  typename?: string;
  nodes: readonly FieldNode[];
  type: GraphQLOutputType;
  resolve: GraphQLFieldResolver<unknown, RequestContext>;
  /** @throws GraphQLError for a missing value, as graphql-js says it */
  argumentsOf: (variables: Values) => Values;
  /** The parts of `info` that are the same for every request. */
  info: Pick<
    GraphQLResolveInfo,
    'fieldName' | 'fieldNodes' | 'returnType' | 'parentType' | 'schema' | 'fragments' | 'operation'
  >;
  complete: Complete;
}

/** The fields of a selection for one type of object. */
export interface SelectionPlan {
  type: GraphQLObjectType;
  fields: readonly FieldPlan[];
  /** An object for the answer; without a prototype where a name would set it. */
  create: () => Values;
  /** The bytes of the names of the fields in the answer. */
  nameBytes: number;
}

export type Values = Record<string, unknown>;
type Path = GraphQLResolveInfo['path'];
type MaybePromise<T> = T | Promise<T>;
type Complete = (run: ExecutionContext, info: GraphQLResolveInfo, path: Path, value: unknown) => unknown;

/** The execution of one request. */
export class ExecutionContext {
  readonly errors: GraphQLError[] = [];
  private nulled: Set<Path | undefined> | undefined;

  constructor(
    readonly context: RequestContext,
    readonly variables: Values,
    /** The event, of a subscription. */
    readonly rootValue?: unknown,
    readonly guard: ExecutionGuard = new ExecutionGuard(),
  ) {}

  /** Not where an error has already made the whole around it null. */
  add(error: GraphQLError, path: Path | undefined): void {
    this.nulled ??= new Set();
    if (this.nulled.has(undefined)) return;
    for (let at = path; at !== undefined; at = at.prev) if (this.nulled.has(at)) return;
    this.nulled.add(path);
    this.errors.push(error);
  }
}

/** A query's root fields at once, a mutation's one after the other. */
export function runOperation(
  plan: SelectionPlan,
  serially: boolean,
  run: ExecutionContext,
): MaybePromise<ExecutionResult> {
  const failed = (error: unknown) => {
    run.add(error as GraphQLError, undefined);
    return answerOf(run, null);
  };
  try {
    const data = serially ? runSerially(plan, run) : runFields(plan, run, run.rootValue, undefined);
    return isPromise(data) ? data.then((settled) => answerOf(run, settled), failed) : answerOf(run, data);
  } catch (error) {
    return failed(error);
  }
}

function answerOf({ errors }: ExecutionContext, data: Values | null): ExecutionResult {
  return errors.length === 0 ? { data } : { errors, data };
}

function runSerially({ fields, type, create }: SelectionPlan, run: ExecutionContext): MaybePromise<Values> {
  let results: MaybePromise<Values> = create();
  for (const field of fields) {
    const step = (sofar: Values) => {
      run.guard.check();
      const keep = (value: unknown) => {
        sofar[field.key] = value;
        return sofar;
      };
      const result = runField(field, type, run, undefined, undefined);
      return isPromise(result) ? result.then(keep) : keep(result);
    };
    results = isPromise(results) ? results.then(step) : step(results);
  }
  return results;
}

function runFields(
  { fields, type, create, nameBytes }: SelectionPlan,
  run: ExecutionContext,
  source: unknown,
  path: Path | undefined,
): MaybePromise<Values> {
  run.guard.countObject(nameBytes);
  const results = create();
  let waits = false;
  try {
    for (const field of fields) {
      const result = runField(field, type, run, source, path);
      results[field.key] = result;
      if (isPromise(result)) waits = true;
    }
  } catch (error) {
    if (!waits) throw error;
    // What other fields have promised may fail as well, and must not go unheard.
    return allOf(results, create).finally(() => {
      throw error;
    });
  }
  return waits ? allOf(results, create) : results;
}

function allOf(results: Values, create: () => Values): Promise<Values> {
  return Promise.all(Object.values(results)).then((settled) => {
    const values = create();
    for (const [at, key] of Object.keys(results).entries()) values[key] = settled[at];
    return values;
  });
}

function runField(
  field: FieldPlan,
  parent: GraphQLObjectType,
  run: ExecutionContext,
  source: unknown,
  before: Path | undefined,
): unknown {
  if (field.typename !== undefined) return field.typename;
  const { nodes, type } = field;
  const path: Path = { prev: before, key: field.key, typename: parent.name };
  const info = buildResolveInfo(field, run, path);
  try {
    const result = field.resolve(source, field.argumentsOf(run.variables), run.context, info);
    const completed = isPromise(result)
      ? result.then((value) => inTurn(field.complete, run, info, path, value))
      : field.complete(run, info, path, result);
    if (!isPromise(completed)) return completed;
    return completed.then(undefined, (error: unknown) => handleFieldError(error, type, nodes, path, run));
  } catch (error) {
    return handleFieldError(error, type, nodes, path, run);
  }
}

/** Goes on with what a field was waiting for: at once, or when others have had their turn. */
function inTurn(
  complete: Complete,
  run: ExecutionContext,
  info: GraphQLResolveInfo,
  path: Path,
  value: unknown,
): unknown {
  if (!run.guard.shouldYield) return complete(run, info, path, value);
  return turns.later(() => {
    run.guard.check();
    return complete(run, info, path, value);
  });
}

function buildResolveInfo({ info }: FieldPlan, run: ExecutionContext, path: Path): GraphQLResolveInfo {
  return {
    fieldName: info.fieldName,
    fieldNodes: info.fieldNodes,
    returnType: info.returnType,
    parentType: info.parentType,
    path,
    schema: info.schema,
    fragments: info.fragments,
    rootValue: run.rootValue,
    operation: info.operation,
    variableValues: run.variables,
  };
}

/** Null with an error, or, where null may not be, an error of what is around it. */
function handleFieldError(
  error: unknown,
  type: GraphQLOutputType,
  nodes: readonly FieldNode[],
  path: Path,
  run: ExecutionContext,
): null {
  if (run.guard.ended !== undefined) throw run.guard.ended; // of the whole operation, not of this field
  const located = locatedError(error, nodes as FieldNode[], keysOf(path));
  if (isNonNullType(type)) throw located;
  run.add(located, path);
  return null;
}

function keysOf(path: Path): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: Path | undefined = path; at !== undefined; at = at.prev) keys.push(at.key);
  return keys.toReversed();
}

/**
 * How values of a type become part of the answer.
 * @param selectionFor the selection of the field for one type of object
 */
export function completerOf(
  type: GraphQLOutputType,
  nodes: readonly FieldNode[],
  selectionFor: (type: GraphQLObjectType) => SelectionPlan,
): Complete {
  if (isNonNullType(type)) {
    const inner = completerOf(type.ofType, nodes, selectionFor);
    return (run, info, path, value) => {
      const completed = inner(run, info, path, value);
      if (completed !== null) return completed;
      const what = `${info.parentType.name}.${info.fieldName}`;
      throw new Error(`Cannot return null for non-nullable field ${what}.`);
    };
  }
  const inner = completerOfValues(type, nodes, selectionFor);
  return (run, info, path, value) => {
    if (value instanceof Error) throw value;
    return value === null || value === undefined ? null : inner(run, info, path, value);
  };
}

function completerOfValues(
  type: GraphQLOutputType,
  nodes: readonly FieldNode[],
  selectionFor: (type: GraphQLObjectType) => SelectionPlan,
): Complete {
  if (isListType(type))
    return completeListValue(type.ofType, nodes, completerOf(type.ofType, nodes, selectionFor));
  if (isLeafType(type))
    return (run, _info, _path, value) => {
      const serialized = type.serialize(value);
      run.guard.countBytes(bytesOf(serialized));
      if (serialized !== null && serialized !== undefined) return serialized;
      throw new Error(`${String(type)} serialized a value to nothing.`);
    };
  if (isAbstractType(type)) return abstractCompleter(type, nodes, selectionFor);
  if (isObjectType(type)) {
    let selection: SelectionPlan | undefined; // types contain each other: what no value needs is not compiled
    return (run, info, path, value) =>
      completeObject((selection ??= selectionFor(type)), nodes, run, info, path, value);
  }
  throw new Error(`${String(type)} is no type of output`);
}

function completeListValue(
  itemType: GraphQLOutputType,
  nodes: readonly FieldNode[],
  complete: Complete,
): Complete {
  const completeItem = (
    run: ExecutionContext,
    info: GraphQLResolveInfo,
    path: Path,
    item: unknown,
  ): unknown => {
    try {
      const completed = isPromise(item)
        ? item.then((value) => inTurn(complete, run, info, path, value))
        : complete(run, info, path, item);
      if (!isPromise(completed)) return completed;
      return completed.then(undefined, (error: unknown) =>
        handleFieldError(error, itemType, nodes, path, run),
      );
    } catch (error) {
      return handleFieldError(error, itemType, nodes, path, run);
    }
  };
  return (run, info, path, value) => {
    if (typeof value !== 'object' || typeof (value as Iterable<unknown>)[Symbol.iterator] !== 'function')
      throw new GraphQLError(
        `Expected Iterable, but did not find one for field "${info.parentType.name}.${info.fieldName}".`,
      );
    const items: unknown[] = [];
    const left = (value as Iterable<unknown>)[Symbol.iterator]();
    let waits = false;
    const goOn = (): MaybePromise<unknown[]> => {
      try {
        for (let next = left.next(); !next.done; next = left.next()) {
          const at: Path = { prev: path, key: items.length, typename: undefined };
          const completed = completeItem(run, info, at, next.value);
          if (isPromise(completed)) waits = true;
          items.push(completed);
          if (run.guard.shouldYield) return restLater();
        }
      } catch (error) {
        unheard();
        left.return?.();
        throw error;
      }
      return waits ? Promise.all(items) : items;
    };
    // Others may fail as well, later: unheard they would end the process, as they do with graphql-js 16.15.
    const unheard = () => void (waits && Promise.allSettled(items));
    const restLater = () => {
      unheard();
      return turns.later(() => {
        run.guard.check();
        return goOn();
      });
    };
    return goOn();
  };
}

/** About what a number takes in the answer, or what stands around a text. */
const NUMBER_BYTES = 6;

function bytesOf(serialized: unknown): number {
  if (typeof serialized === 'string') return NUMBER_BYTES + Buffer.byteLength(serialized);
  if (typeof serialized !== 'object' || serialized === null) return NUMBER_BYTES;
  return JSON.stringify(serialized).length;
}

function abstractCompleter(
  type: GraphQLAbstractType,
  nodes: readonly FieldNode[],
  selectionFor: (type: GraphQLObjectType) => SelectionPlan,
): Complete {
  const resolveType = type.resolveType ?? defaultTypeResolver;
  const selections = new Map<unknown, SelectionPlan>();
  const selectionOf = (name: unknown, { schema }: GraphQLResolveInfo) => {
    const known = selections.get(name);
    if (known) return known;
    const found = typeof name === 'string' ? schema.getType(name) : undefined;
    if (!isObjectType(found) || !schema.isSubType(type, found))
      throw new GraphQLError(`A value of ${type.name} was said to be a ${String(name)}.`, { nodes });
    const selection = selectionFor(found);
    selections.set(name, selection);
    return selection;
  };
  return (run, info, path, value) => {
    const name = resolveType(value, run.context, info, type);
    return isPromise(name)
      ? name.then((said) => completeObject(selectionOf(said, info), nodes, run, info, path, value))
      : completeObject(selectionOf(name, info), nodes, run, info, path, value);
  };
}

function completeObject(
  selection: SelectionPlan,
  nodes: readonly FieldNode[],
  run: ExecutionContext,
  info: GraphQLResolveInfo,
  path: Path,
  value: unknown,
): MaybePromise<Values> {
  const { type } = selection;
  if (!type.isTypeOf) return runFields(selection, run, value, path);
  const runIf = (isOfType: boolean) => {
    if (isOfType) return runFields(selection, run, value, path);
    throw new GraphQLError(`A value that is no ${type.name} was answered for one.`, { nodes });
  };
  const isOfType = type.isTypeOf(value, run.context, info);
  return isPromise(isOfType) ? isOfType.then(runIf) : runIf(isOfType);
}

/** Anything with a `then`, as graphql-js takes it. */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | null | undefined)?.then === 'function';
}
