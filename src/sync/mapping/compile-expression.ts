import jsonata from 'jsonata';
import { MAX_ENTRIES, boundSteps } from './expression-steps.ts';
import { FUNCTION_NAMES, registerFunctions } from './functions.ts';
import { MappingError } from './mapping-error.ts';

/** An expression ready to run on a source row. */
export type Evaluate = (data: Record<string, unknown>, variables: Variables) => Promise<unknown>;
export type Variables = Record<string, unknown>;

/** Variables that mappings may read (see `StreamMapping` and `LineMapping`). */
const VARIABLE_NAMES = ['rows', 'recordId', 'version', 'header', 'line'];
/** A merchant's expression that recurses for ever must not stop the hub; its steps are counted by `boundSteps`. */
const LIMITS = { stack: 500, sequence: MAX_ENTRIES };

/**
 * Checks a JSONata expression as far as that is possible without data: its syntax and the names it uses.
 * @throws MappingError with the position in the expression.
 */
export function compileExpression(source: string, at: { origin: string; field: string }): Evaluate {
  const expression = parse(source, at);
  const ast: unknown = expression.ast();
  checkNames(ast, source, at);
  const column = soleColumn(ast);
  // Half of all fields are a bare column name: reading it costs nothing, evaluating it 5 µs.
  if (column !== undefined) return (data) => Promise.resolve(data[column]);
  registerFunctions(expression);
  boundSteps(expression);
  return (data, variables) => expression.evaluate(data, variables) as Promise<unknown>;
}

function parse(source: string, at: { origin: string; field: string }): jsonata.Expression {
  try {
    return jsonata(source, LIMITS);
  } catch (error) {
    const { message, position } = error as jsonata.JsonataError;
    throw new MappingError({ ...at, position }, `${message} in "${source}"`);
  }
}

interface Node {
  type?: unknown;
  value?: unknown;
  position?: unknown;
  lhs?: unknown;
  arguments?: unknown;
  focus?: unknown;
  index?: unknown;
}

/** JSONata finds an unknown function only when it is called, which may be on the thousandth row. */
function checkNames(ast: unknown, source: string, at: { origin: string; field: string }): void {
  const nodes = [...walk(ast)];
  const known = new Set<unknown>([
    '',
    '$',
    ...VARIABLE_NAMES,
    ...FUNCTION_NAMES,
    ...nodes.flatMap(boundNames),
  ]);
  for (const node of nodes) {
    if (node.type !== 'variable' || known.has(node.value)) continue;
    const position = typeof node.position === 'number' ? { position: node.position } : {};
    throw new MappingError(
      { ...at, ...position },
      `there is no function or variable $${String(node.value)} in "${source}"`,
    );
  }
}

/** Names an expression makes itself: `$x := …`, `function($x)`, `@$x`, `#$i`. */
function boundNames(node: Node): unknown[] {
  const names: unknown[] = [node.focus, node.index];
  if (node.type === 'bind') names.push((node.lhs as Node).value);
  if (node.type === 'lambda') names.push(...(node.arguments as Node[]).map((argument) => argument.value));
  if (node.type === 'index') names.push(node.value);
  return names;
}

function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* walk(item);
  } else if (typeof value === 'object' && value !== null && !(value instanceof RegExp)) {
    yield value;
    for (const child of Object.values(value)) yield* walk(child);
  }
}

/** The column when the whole expression is one plain name. */
function soleColumn(ast: unknown): string | undefined {
  const path = ast as {
    type: string;
    steps?: Record<string, unknown>[];
    keepSingletonArray?: boolean;
    group?: unknown;
  };
  const step = path.steps?.[0];
  if (path.type !== 'path' || path.steps?.length !== 1 || !step || path.keepSingletonArray || path.group)
    return undefined;
  const plain =
    step['type'] === 'name' && Object.keys(step).every((key) => ['type', 'value', 'position'].includes(key));
  return plain ? String(step['value']) : undefined;
}
