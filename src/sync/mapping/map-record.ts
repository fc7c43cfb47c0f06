import type { RawRecord } from '../../../connectors/spi/stream.ts';
import type { EntityName, RecordByEntity } from '../../../connectors/spi/records.ts';
import type { Variables } from './compile-expression.ts';
import { MADE_WHEN_ABSENT, type CompiledField, type CompiledMapping } from './compile-mapping.ts';
import { RECORD_SCHEMAS } from './record-schemas.ts';
import { validateRecord } from './validate-record.ts';

/** A canonical record, with its entity as the tag that tells its type. */
export type MappedRecord<E extends EntityName = EntityName> = {
  [K in E]: { ok: true; entity: K; record: RecordByEntity[K] };
}[E];

/** Why a raw record cannot be taken: what a dead letter says. */
export interface MappingFailure {
  ok: false;
  /** Sentences separated by "; ", each beginning with the field: "line 2 quantity: must be >= 1, was -1". */
  reason: string;
  /** The row at fault when it is one line of a grouped record, else the record's origin. */
  origin: string;
}

export type MappingResult<E extends EntityName = EntityName> = MappedRecord<E> | MappingFailure;

interface SourceLine {
  origin?: string;
  data: Record<string, unknown>;
}

interface Trouble {
  reason: string;
  /** Index of the source line at fault. */
  line?: number;
}

/**
 * Maps a raw record to a canonical one. Pure: the same input gives the same result. Never throws for the data it
 * is given; whatever is wrong with a record is in the result.
 */
export async function mapRecord<E extends EntityName>(
  mapping: CompiledMapping<E>,
  raw: RawRecord,
): Promise<MappingResult<E>> {
  const troubles: Trouble[] = [];
  const variables: Variables = {
    rows: raw.rows?.map((row) => row.data) ?? [raw.data],
    recordId: raw.id,
    version: raw.version,
  };
  const candidate = emptyRecord(mapping.entity);
  await setFields(candidate, mapping.fields, raw.data, variables, (reason) => troubles.push({ reason }));
  const sources = mapping.lines ? await mapLines(mapping, raw, variables, candidate, troubles) : [];
  return troubles.length > 0
    ? failure(raw, sources, troubles)
    : checked(mapping.entity, candidate, raw, sources);
}

function checked<E extends EntityName>(
  entity: E,
  candidate: unknown,
  raw: RawRecord,
  sources: SourceLine[],
): MappingResult<E> {
  const result = validateRecord(entity, candidate);
  if (result.ok) return { ok: true, entity, record: result.record } as MappedRecord<E>;
  const [line] = result.lines;
  return failure(raw, sources, [
    { reason: result.reasons.join('; '), ...(line === undefined ? {} : { line }) },
  ]);
}

function failure(raw: RawRecord, sources: SourceLine[], troubles: Trouble[]): MappingFailure {
  const line = troubles.find((trouble) => trouble.line !== undefined)?.line;
  const origin = (line === undefined ? undefined : sources[line]?.origin) ?? raw.origin;
  return { ok: false, reason: troubles.map((trouble) => trouble.reason).join('; '), origin };
}

const PERSONS: ReadonlySet<string> = new Set(['buyer', 'requester']);

/** A record with the parts that may be empty but not absent. */
function emptyRecord(entity: EntityName): Record<string, unknown> {
  const parts = RECORD_SCHEMAS[entity].required.filter((name) => MADE_WHEN_ABSENT.has(name));
  return Object.fromEntries(parts.map((name) => [name, PERSONS.has(name) ? {} : []]));
}

/** Maps the lines into the candidate; gives the source line of each, so that a fault can name its row. */
async function mapLines(
  mapping: CompiledMapping,
  raw: RawRecord,
  variables: Variables,
  candidate: Record<string, unknown>,
  troubles: Trouble[],
): Promise<SourceLine[]> {
  const sources = await sourceLines(mapping, raw, variables, troubles);
  const kept: { line: Record<string, unknown>; source: SourceLine }[] = [];
  const seen = new Map<string, string>();
  for (const source of sources) {
    const index = kept.length;
    const line: Record<string, unknown> = {};
    const scope = { ...variables, header: raw.data, line: index + 1 };
    const tell = (reason: string) => troubles.push({ reason: `line ${index + 1} ${reason}`, line: index });
    await setFields(line, mapping.lines?.fields ?? [], source.data, scope, tell);
    const id = JSON.stringify(line['externalId'] ?? line['orderLineExternalId'] ?? index);
    const content = JSON.stringify(line);
    if (seen.get(id) === content) continue;
    if (seen.has(id)) tell(`id: ${id} is the id of another line that differs`);
    seen.set(id, content);
    kept.push({ line, source });
  }
  candidate['lines'] = kept.map(({ line }) => line);
  return kept.map(({ source }) => source);
}

async function sourceLines(
  mapping: CompiledMapping,
  raw: RawRecord,
  variables: Variables,
  troubles: Trouble[],
): Promise<SourceLine[]> {
  if (!mapping.lines?.from) return raw.rows ?? [{ data: raw.data }];
  try {
    const found = await mapping.lines.from(raw.data, variables);
    return asList(found).map((data) => ({ data: isObject(data) ? data : { value: data } }));
  } catch (error) {
    troubles.push({ reason: `lines: ${messageOf(error)}` });
    return [];
  }
}

async function setFields(
  target: Record<string, unknown>,
  fields: readonly CompiledField[],
  data: Record<string, unknown>,
  variables: Variables,
  tell: (reason: string) => void,
): Promise<void> {
  for (const field of fields) {
    try {
      const value = withoutBlanks(await field.evaluate(data, variables));
      const result = field.words ? translate(value, field.words) : { value };
      if ('unknown' in result) tell(`${field.name}: ${result.unknown}`);
      else if (result.value !== undefined) setAt(target, field.path, result.value);
    } catch (error) {
      tell(`${field.name}: ${messageOf(error)}`);
    }
  }
}

function translate(
  value: unknown,
  words: NonNullable<CompiledField['words']>,
): { value: unknown } | { unknown: string } {
  if (value === undefined) return { value };
  const word = String(value).trim();
  if (Object.hasOwn(words.values, word)) return { value: words.values[word] };
  if (words.fallback !== undefined) return { value: words.fallback };
  return { unknown: `"${word}" is not a known value (known: ${Object.keys(words.values).join(', ')})` };
}

/** Blank cells are no values: at the top, in lists and in objects. Texts are trimmed; JSONata's marks are dropped. */
function withoutBlanks(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  if (Array.isArray(value)) return value.map(withoutBlanks).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, withoutBlanks(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const last = path.at(-1) ?? '';
  let at = target;
  for (const name of path.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>;
  at[last] = value;
}

function asList(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function messageOf(error: unknown): string {
  // JSONata throws plain objects with a message, our functions throw errors.
  return String((error as { message?: unknown } | null)?.message ?? error);
}
