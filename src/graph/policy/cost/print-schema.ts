import {
  Kind,
  lexicographicSortSchema,
  parse,
  print,
  printSchema,
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import { COST_DIRECTIVES, costDirectivesOf } from './cost-directives.ts';

/** The schema as text, with the definitions of the cost directives, so that a client's tools can compute with it. */
export function printSchemaWithCosts(schema: GraphQLSchema): string {
  return `${COST_DIRECTIVES}\n\n${printed(schema)}\n`;
}

/** The schema as a sorted document, with the cost directives of its types and fields. */
export function schemaDocument(schema: GraphQLSchema): DocumentNode {
  return parse(printed(schema), { noLocation: true });
}

/** As graphql-js prints it, which leaves directives out: they are put behind the names of types and the types of fields. */
function printed(schema: GraphQLSchema): string {
  const text = printSchema(lexicographicSortSchema(schema));
  const insertions: { at: number; directives: readonly ConstDirectiveNode[] }[] = [];
  for (const definition of parse(text).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    const type = schema.getType(definition.name.value);
    if (!type || !('getFields' in type)) continue;
    insertions.push({
      at: (definition.interfaces?.at(-1) ?? definition.name).loc!.end,
      directives: costDirectivesOf(type),
    });
    const fields = type.getFields();
    for (const field of definition.fields ?? [])
      insertions.push({ at: field.type.loc!.end, directives: costDirectivesOf(fields[field.name.value]!) });
  }
  let result = '';
  let from = 0;
  for (const { at, directives } of insertions) {
    result += [text.slice(from, at), ...directives.map(print)].join(' ');
    from = at;
  }
  return result + text.slice(from);
}
