import { setTimeout as delay } from 'node:timers/promises';
import {
  Kind,
  execute,
  getOperationAST,
  visit,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type OperationDefinitionNode,
} from 'graphql';
import type { Actor } from '../../platform/api/actor.ts';
import { canonicalJson } from '../../platform/api/idempotency.ts';
import type { RequestContext } from '../../platform/api/request-context.ts';
import type { EventRenderer, SharedEventSource } from '../../platform/api/shared-event-source.ts';
import type { CompiledOperation } from './compile-operation.ts';
import type { PreparedOperation } from './prepare-operation.ts';
import { executeAfterOutage } from './after-outage.ts';
import { ExecutionGuard } from './execution-guard.ts';
import { isPromise } from './execute-operation.ts';

/**
 * Loaders of an execution serve the executions of this time, in ms; what a message tells beside the number is no
 * older.
 */
const CONTEXT_MS = 1_000;

/** An operation that is to be executed for every event, and for whom. */
export interface SharedOperation {
  /** As the client sent it. */
  query: string;
  args: ExecutionArgs;
  actor: Actor;
  /** Undefined: left to graphql-js. */
  compiled: CompiledOperation | undefined;
  /** Books an event; after so many milliseconds it may be made. */
  eventDelayMs: () => number;
}

/** @param query as the client sent it */
export function sharedOperation(query: string, prepared: PreparedOperation): SharedOperation {
  const { admitted, eventDelayMs, schema, document, operationName, variableValues, contextValue } = prepared;
  const args = { schema, document, operationName, variableValues, contextValue };
  return { query, args, actor: contextValue.actor, compiled: admitted.compiled(), eventDelayMs };
}

/** A rendering with what it is used by. */
export interface UsedRendering {
  readonly rendering: EventRenderer<unknown>;
  readonly key: string;
  users: number;
}

/**
 * How events become messages: one rendering for all subscriptions of the same document, operation, variables and rights,
 * whatever they have chosen to be told of. Kept as long as somebody uses it.
 */
export class EventRendererCache {
  private readonly used = new Map<string, UsedRendering>();

  constructor(
    private readonly contextOf: (actor: Actor) => RequestContext,
    /** Of an event that is told to many, an error has an id of its own. */
    private readonly present: (result: ExecutionResult) => FormattedExecutionResult,
    /** Bounds the execution of one event. */
    private readonly guard: () => ExecutionGuard = () => new ExecutionGuard(),
  ) {}

  /** To be given back by `release`. */
  acquire(operation: SharedOperation, source: SharedEventSource<unknown>): UsedRendering {
    const key = keyOf(operation, source.filterArguments);
    const used = this.used.get(key) ?? this.usedBy(key, operation);
    used.users += 1;
    this.used.set(key, used);
    return used;
  }

  release(used: UsedRendering): void {
    used.users -= 1;
    if (used.users === 0) this.used.delete(used.key);
  }

  private usedBy(key: string, operation: SharedOperation): UsedRendering {
    const used: UsedRendering = {
      key,
      rendering: this.renderingOf(operation, () => used.users > 0),
      users: 0,
    };
    return used;
  }

  private renderingOf(
    { args, actor, compiled, eventDelayMs }: SharedOperation,
    isWanted: () => boolean,
  ): EventRenderer<unknown> {
    const { contextValue: _ofTheFirst, ...rest } = args;
    const variables = args.variableValues ?? {};
    const message = (result: ExecutionResult) => messageOf(this.present(result));
    let context: RequestContext | undefined;
    const executed = (event: unknown) => {
      if (!context) {
        context = this.contextOf(actor);
        setTimeout(() => (context = undefined), CONTEXT_MS).unref();
      }
      return (
        compiled?.(variables, context, event, this.guard()) ??
        execute({ ...rest, contextValue: context, rootValue: event })
      );
    };
    const told = (event: unknown) => {
      const result = executeAfterOutage(() => executed(event), isWanted);
      return isPromise(result) ? result.then(message) : message(result);
    };
    return (event) => {
      const waitMs = eventDelayMs();
      return waitMs > 0 ? delay(waitMs, undefined, { ref: false }).then(() => told(event)) : told(event);
    };
  }
}

/** The text that follows the id in a message of a socket, so that one text serves all ids. */
function messageOf(result: FormattedExecutionResult): Buffer {
  return Buffer.from(`${BEFORE_RESULT}${JSON.stringify(result)}}`);
}

const BEFORE_RESULT = ',"type":"next","payload":';

/** The JSON of the result within such a message, for who sends it in another form. */
export function resultIn(message: Buffer): Buffer {
  return message.subarray(BEFORE_RESULT.length, -1);
}

/** Equal for operations of which every event is told alike. Of the key only what it may see and do, never the secret. */
function keyOf({ query, args, actor }: SharedOperation, filterArguments: readonly string[]): string {
  const { admin, partner, channel, scopes } = actor;
  return canonicalJson([
    query,
    args.operationName ?? null,
    telling(args, filterArguments),
    { admin, partner, channel: channel ?? null, scopes: [...(scopes ?? [])].sort() },
  ]);
}

/** The variables that decide what a message says: all but those that serve nothing but to choose the events. */
function telling(
  { document, operationName, variableValues }: ExecutionArgs,
  filterArguments: readonly string[],
) {
  const operation = getOperationAST(document, operationName)!;
  const names = tellingNames.get(operation) ?? namesIn(document, operation, filterArguments);
  tellingNames.set(operation, names);
  return Object.fromEntries(Object.entries(variableValues ?? {}).filter(([name]) => names.has(name)));
}

/** An operation has one root field, and that one source, so what chooses is always the same. */
const tellingNames = new WeakMap<OperationDefinitionNode, ReadonlySet<string>>();

function namesIn(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  filterArguments: readonly string[],
): ReadonlySet<string> {
  const root = operation.selectionSet.selections.find((selection) => selection.kind === Kind.FIELD);
  const names = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Argument: (argument, _key, parent) =>
      parent === root?.arguments && filterArguments.includes(argument.name.value) ? false : undefined,
    Variable: ({ name }) => void names.add(name.value),
  });
  return names;
}
