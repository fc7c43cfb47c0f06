import { Ajv } from 'ajv';
import type { EnumMapping, StreamMapping } from '../../../connectors/spi/mapping.ts';
import type { EntityName } from '../../../connectors/spi/records.ts';
import { compileExpression, type Evaluate } from './compile-expression.ts';
import { MappingError } from './mapping-error.ts';
import { RECORD_SCHEMAS, type RecordSchema } from './record-schemas.ts';

/** One field of a record: where it goes, and how its value is found. */
export interface CompiledField {
  /** As written in the mapping, e.g. `buyer.phone`. */
  name: string;
  path: readonly string[];
  evaluate: Evaluate;
  words?: EnumMapping;
}

/** A mapping whose every expression, field name and enum value was checked. */
export interface CompiledMapping<E extends EntityName = EntityName> {
  entity: E;
  fields: readonly CompiledField[];
  lines?: { from?: Evaluate; fields: readonly CompiledField[] };
}

const text = { type: 'string' };
const fields = { type: 'object', additionalProperties: text, minProperties: 1 };
const isMapping = new Ajv({ allErrors: true }).compile<StreamMapping>({
  type: 'object',
  required: ['entity', 'fields'],
  additionalProperties: false,
  properties: {
    entity: { enum: Object.keys(RECORD_SCHEMAS) },
    id: { anyOf: [text, { type: 'array', items: text, minItems: 1 }] },
    groupRows: { type: 'boolean' },
    fields,
    lines: {
      type: 'object',
      required: ['fields'],
      additionalProperties: false,
      properties: { from: text, fields },
    },
    enums: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        required: ['values'],
        additionalProperties: false,
        properties: { values: { type: 'object', additionalProperties: text }, fallback: text },
      },
    },
  },
});

/**
 * Checks a mapping document and makes it ready to run.
 * @param origin where the document was written down; error messages begin with it.
 * @throws MappingError for a malformed document, an expression that does not parse, an unknown function, a field
 *   the entity does not have, a required field that is not mapped, an enum value that is not canonical.
 */
export function compileMapping(document: unknown, origin: string): CompiledMapping {
  const mapping = checkShape(document, origin);
  const schema = RECORD_SCHEMAS[mapping.entity];
  const lineSchema = linesOf(schema);
  if (mapping.lines && !lineSchema) {
    throw new MappingError({ origin, field: 'lines' }, `${mapping.entity} has no lines`);
  }
  checkRequired(mapping, schema, lineSchema, origin);
  const compiled: CompiledMapping = {
    entity: mapping.entity,
    fields: compileFields(mapping, mapping.fields, schema, '', origin),
  };
  if (mapping.lines && lineSchema) {
    const { from } = mapping.lines;
    compiled.lines = {
      fields: compileFields(mapping, mapping.lines.fields, lineSchema, 'lines.', origin),
      ...(from === undefined ? {} : { from: compileExpression(from, { origin, field: 'lines.from' }) }),
    };
  }
  checkEnumsUsed(mapping, compiled, origin);
  return compiled;
}

function checkShape(document: unknown, origin: string): StreamMapping {
  if (isMapping(document)) return document;
  const error = isMapping.errors?.[0];
  const field = error?.instancePath.slice(1).replaceAll('/', '.') || 'mapping';
  const allowed = error?.params['allowedValues'] as string[] | undefined;
  const detail = allowed?.join(', ') ?? (error?.params['additionalProperty'] as string | undefined);
  throw new MappingError(
    { origin, field },
    `${error?.message ?? 'is not a mapping'}${detail ? `: ${detail}` : ''}`,
  );
}

function compileFields(
  mapping: StreamMapping,
  sources: Record<string, string>,
  schema: RecordSchema,
  prefix: '' | 'lines.',
  origin: string,
): CompiledField[] {
  return Object.entries(sources).map(([name, source]) => {
    const field = `${prefix}fields.${name}`;
    const path = name.split('.');
    const target = schemaAt(schema, path);
    if (target === undefined)
      throw new MappingError({ origin, field }, `${mapping.entity} has no field ${name}`);
    const words = mapping.enums?.[prefix + name];
    if (words) checkWords(words, target, { origin, field: `enums.${prefix}${name}` });
    const compiled: CompiledField = { name, path, evaluate: compileExpression(source, { origin, field }) };
    if (words) compiled.words = words;
    return compiled;
  });
}

/** A fallback or value outside the canonical ones would send every such record to dead letters: say it now. */
function checkWords(words: EnumMapping, target: unknown, at: { origin: string; field: string }): void {
  const allowed = (target as { enum?: string[] }).enum;
  if (!allowed) return;
  for (const value of [
    ...Object.values(words.values),
    ...(words.fallback === undefined ? [] : [words.fallback]),
  ]) {
    if (!allowed.includes(value))
      throw new MappingError(at, `"${value}" is not one of ${allowed.join(', ')}`);
  }
}

function checkRequired(
  mapping: StreamMapping,
  schema: RecordSchema,
  lines: RecordSchema | undefined,
  origin: string,
) {
  const mapped = new Set(Object.keys(mapping.fields).map((name) => name.split('.')[0]));
  if (mapping.lines) mapped.add('lines');
  const missing = schema.required.find((name) => !mapped.has(name) && !MADE_WHEN_ABSENT.has(name));
  if (missing !== undefined) throw new MappingError({ origin, field: `fields.${missing}` }, 'is required');
  const missingInLine = mapping.lines && lines?.required.find((name) => !(name in mapping.lines!.fields));
  if (missingInLine)
    throw new MappingError({ origin, field: `lines.fields.${missingInLine}` }, 'is required');
}

/** Lists and persons a source may know nothing of: they are empty then (see `mapRecord`). */
export const MADE_WHEN_ABSENT: ReadonlySet<string> = new Set([
  'phones',
  'emails',
  'channelUsers',
  'buyer',
  'requester',
]);

function checkEnumsUsed(mapping: StreamMapping, compiled: CompiledMapping, origin: string): void {
  const used = new Set([
    ...compiled.fields.map((field) => field.name),
    ...(compiled.lines?.fields ?? []).map((field) => `lines.${field.name}`),
  ]);
  const unused = Object.keys(mapping.enums ?? {}).find((name) => !used.has(name));
  if (unused !== undefined)
    throw new MappingError({ origin, field: `enums.${unused}` }, 'no such field is mapped');
}

function linesOf(schema: RecordSchema): RecordSchema | undefined {
  return (schema.properties['lines'] as { items?: RecordSchema } | undefined)?.items;
}

/** The schema of a nested field; undefined when the record has no such field. */
function schemaAt(schema: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => {
    const { properties = {}, additionalProperties } = (at ?? {}) as Partial<
      Record<string, Record<string, unknown>>
    >;
    if (Object.hasOwn(properties, name)) return properties[name];
    return typeof additionalProperties === 'object' ? additionalProperties : undefined;
  }, schema);
}
