import {
  Kind,
  isTypeDefinitionNode,
  parse,
  print,
  visit,
  type ConstDirectiveNode,
  type GraphQLSchema,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { schemaDocument } from '../policy/cost/print-schema.ts';
import { federationCost } from './federation-cost.ts';
import type { Ownership } from './subgraph-ownership.ts';

const LINK = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@cost", "@listSize"])`;
const ROOTS: ReadonlySet<string> = new Set(['Query', 'Mutation', 'Subscription']);

type Definitions = ReadonlyMap<string, TypeDefinitionNode>;

/** The SDL of each subgraph, by name: the part of the merged schema that it serves, sorted. */
export function subgraphSdls(merged: GraphQLSchema, ownership: Ownership): Map<string, string> {
  const whole = definitionsOf(merged);
  checkRootFields(whole, ownership);
  const cuts = new Map(ownership.subgraphs.map((name) => [name, cut(whole, ownership, name)]));
  const uses = Map.groupBy(
    [...cuts.values()].flatMap((definitions) => [...definitions.keys()]),
    (type) => type,
  );
  const isShared = (type: string) => uses.get(type)!.length > 1;
  return new Map(
    [...cuts].map(([name, definitions]) => {
      const types = [...definitions.values()].map((definition) => {
        const directives = directivesOf(definition, ownership, name, isShared);
        return print({ ...definition, directives: [...directives, ...(definition.directives ?? [])] });
      });
      return [name, `${[LINK, ...types].join('\n\n')}\n`];
    }),
  );
}

function definitionsOf(merged: GraphQLSchema): Definitions {
  const { definitions } = visit(schemaDocument(merged), {
    Directive: (node) => federationCost(node as ConstDirectiveNode),
  });
  return new Map(definitions.filter(isTypeDefinitionNode).map((type) => [type.name.value, type]));
}

/** A resolver class that the model leaves out would be served by the hub and missing behind a router. */
function checkRootFields(whole: Definitions, ownership: Ownership): void {
  for (const root of ROOTS)
    for (const { name } of fieldsOf(whole.get(root)))
      if (!ownership.ofResolver(root, name.value)) throw new Error(`${root}.${name.value} is in no subgraph`);
}

/** The definitions that a subgraph serves of its own accord, and all that they refer to. */
function cut(whole: Definitions, ownership: Ownership, subgraph: string): Definitions {
  const parts = new Map(
    [...whole].map(([name, definition]) => [name, partOf(definition, ownership, subgraph)] as const),
  );
  const reached = new Set<string>();
  const waiting = [...parts.keys()].filter(
    (name) =>
      (ROOTS.has(name) && fieldsOf(parts.get(name)).length > 0) ||
      isServed(whole.get(name)!, ownership, subgraph),
  );
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    waiting.push(...namesIn(parts.get(name)!).filter((used) => parts.has(used)));
  }
  return new Map([...parts].filter(([name]) => reached.has(name)));
}

/** Roots and entities are divided by field; every other type is whole wherever it is used. */
function partOf(definition: TypeDefinitionNode, ownership: Ownership, subgraph: string): TypeDefinitionNode {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return definition;
  const type = definition.name.value;
  const entity = ownership.entities.get(type);
  if (!entity && !ROOTS.has(type)) return definition;
  const fields = fieldsOf(definition).filter(({ name: { value: field } }) => {
    const owner = ownership.ofResolver(type, field) ?? entity?.subgraph;
    return field === entity?.key || owner === subgraph;
  });
  return { ...definition, fields };
}

/** Whether the subgraph serves more of an entity than the key by which it names one. */
function isServed(definition: TypeDefinitionNode, ownership: Ownership, subgraph: string): boolean {
  const type = definition.name.value;
  const entity = ownership.entities.get(type);
  if (!entity) return false;
  return (
    entity.subgraph === subgraph ||
    fieldsOf(definition).some(({ name }) => ownership.ofResolver(type, name.value) === subgraph)
  );
}

function directivesOf(
  definition: TypeDefinitionNode,
  ownership: Ownership,
  subgraph: string,
  isShared: (type: string) => boolean,
): ConstDirectiveNode[] {
  const type = definition.name.value;
  const entity = ownership.entities.get(type);
  if (entity) {
    const resolvable = isServed(definition, ownership, subgraph) ? '' : ', resolvable: false';
    return [directive(`@key(fields: "${entity.key}"${resolvable})`)];
  }
  const isValue = definition.kind === Kind.OBJECT_TYPE_DEFINITION && !ROOTS.has(type);
  return isValue && isShared(type) ? [directive('@shareable')] : [];
}

function directive(source: string): ConstDirectiveNode {
  const document = parse(`type T ${source}`, { noLocation: true });
  return (document.definitions[0] as ObjectTypeDefinitionNode).directives![0]!;
}

function fieldsOf(definition: TypeDefinitionNode | undefined) {
  return definition?.kind === Kind.OBJECT_TYPE_DEFINITION ? (definition.fields ?? []) : [];
}

function namesIn(definition: TypeDefinitionNode): string[] {
  const names: string[] = [];
  visit(definition, { NamedType: ({ name }) => void names.push(name.value) });
  return names;
}
