import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { FatalError, type SourceStream, type StreamMapping } from '../../../connectors/spi/index.ts';

/**
 * A merchant's changes of the mapping that comes with a connector: a document for a stream, which adds fields to it or
 * replaces them, or is a whole mapping of its own. It names the version of the connector's records that it was written
 * for, so that one for others is not taken.
 */
const words = z.strictObject({ values: z.record(z.string(), z.string()), fallback: z.string().optional() });
const document = z.strictObject({
  $schema: z.string().optional(),
  comment: z.string().optional(),
  /** `schemaVersion` of the stream. */
  schemaVersion: z.int(),
  /** Instead of the connector's own. */
  mapping: z.looseObject({}).optional(),
  /** Beside what the connector's own has, or in its place. */
  change: z
    .strictObject({
      fields: z.record(z.string(), z.string()).default({}),
      lineFields: z.record(z.string(), z.string()).default({}),
      enums: z.record(z.string(), words).default({}),
    })
    .optional(),
});

/**
 * The stream with the merchant's document `<folder>/<stream>.json` applied, if there is one.
 * @throws FatalError for one that cannot be used: the stream is not read by a mapping that the merchant did not mean
 */
export async function withMappingChange(stream: SourceStream, folder: string): Promise<SourceStream> {
  const file = path.join(folder, `${stream.name}.json`);
  if (!existsSync(file)) return stream;
  const origin = `${path.basename(folder)}/${stream.name}.json`;
  const { mapping, change, schemaVersion } = parsed(origin, await readFile(file, 'utf8'));
  const version = stream.schemaVersion ?? 1;
  if (schemaVersion !== version)
    throw new FatalError(
      `${origin} was written for version ${schemaVersion} of these records; the connector gives version ${version}.`,
    );
  if (mapping && change) throw new FatalError(`${origin} has both \`mapping\` and \`change\`; give one.`);
  if (mapping) return { ...stream, mapping: mapping as unknown as StreamMapping, mappingOrigin: origin };
  if (!change) throw new FatalError(`${origin} has neither \`mapping\` nor \`change\`.`);
  const before = stream.mapping;
  const changed: StreamMapping = {
    ...before,
    fields: { ...before.fields, ...change.fields },
    enums: { ...before.enums, ...merged(before.enums, change.enums as Enums) },
  };
  if (before.lines)
    changed.lines = { ...before.lines, fields: { ...before.lines.fields, ...change.lineFields } };
  else if (Object.keys(change.lineFields).length > 0)
    throw new FatalError(`${origin}: ${stream.mapping.entity} has no lines.`);
  return { ...stream, mapping: changed, mappingOrigin: origin };
}

type Enums = NonNullable<StreamMapping['enums']>;

/** Words are added to those that are known. */
function merged(before: Enums | undefined, change: Enums): Enums {
  return Object.fromEntries(
    Object.entries(change).map(([field, added]) => {
      const known = before?.[field];
      const fallback = added.fallback ?? known?.fallback;
      const values = { ...known?.values, ...added.values };
      return [field, fallback === undefined ? { values } : { values, fallback }];
    }),
  );
}

function parsed(origin: string, text: string): z.infer<typeof document> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FatalError(`${origin} is no JSON: ${(error as Error).message}`);
  }
  const result = document.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`);
  throw new FatalError(`${origin}: ${problems.join('; ')}`);
}
