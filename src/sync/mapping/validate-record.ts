import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { EntityName, RecordByEntity } from '../../../connectors/spi/records.ts';
import { RECORD_SCHEMAS } from './record-schemas.ts';

/** The most reasons told of one record; the rest is counted. */
const MAX_REASONS = 5;

const ajv = new Ajv({ allErrors: true, verbose: true });
addFormats.default(ajv, ['date', 'date-time']);

/** Whether a candidate is a canonical record; if not, why, in sentences a merchant understands. */
export function validateRecord<E extends EntityName>(
  entity: E,
  candidate: unknown,
): { ok: true; record: RecordByEntity[E] } | { ok: false; reasons: string[]; lines: number[] } {
  // Compiled with the first record of its kind, since all of them take 0.2 s of a start; ajv keeps them.
  const validate: ValidateFunction = ajv.compile(RECORD_SCHEMAS[entity]);
  if (validate(candidate)) return { ok: true, record: candidate as RecordByEntity[E] };
  const errors = validate.errors ?? [];
  const reasons = [...new Set(errors.map(sentence))];
  const told = reasons.slice(0, MAX_REASONS);
  if (reasons.length > told.length) told.push(`and ${reasons.length - told.length} more`);
  return { ok: false, reasons: told, lines: errors.flatMap(lineOf) };
}

/** "/lines/1/quantity must be >= 1" → "line 2 quantity: must be >= 1, was -1". */
function sentence(error: ErrorObject): string {
  const path = error.instancePath;
  switch (error.keyword) {
    case 'required':
      return `${fieldName(`${path}/${String(error.params['missingProperty'])}`)}: is missing`;
    case 'enum':
      return `${fieldName(path)}: must be one of ${(error.params['allowedValues'] as string[]).join(', ')}, ${was(error)}`;
    case 'format':
      return `${fieldName(path)}: must be a ${error.params['format'] === 'date' ? 'day (yyyy-mm-dd)' : 'date and time with zone'}, ${was(error)}`;
    case 'additionalProperties':
      return `${fieldName(`${path}/${String(error.params['additionalProperty'])}`)}: is not a field of this record`;
    case 'minItems':
      return `${fieldName(path)}: must not be empty`;
    default:
      return `${fieldName(path)}: ${error.message ?? 'is not valid'}, ${was(error)}`;
  }
}

function was(error: ErrorObject): string {
  const shown = JSON.stringify(error.data) ?? 'nothing';
  return `was ${shown.length > 80 ? `${shown.slice(0, 77)}…` : shown}`;
}

function fieldName(pointer: string): string {
  const [first, second, ...rest] = pointer.split('/').slice(1);
  if (first === 'lines' && second !== undefined) return [`line ${Number(second) + 1}`, ...rest].join(' ');
  return [first, second, ...rest].filter((part) => part !== undefined).join('.') || 'record';
}

function lineOf(error: ErrorObject): number[] {
  const line = /^\/lines\/(\d+)/.exec(error.instancePath)?.[1];
  return line === undefined ? [] : [Number(line)];
}
