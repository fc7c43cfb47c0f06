import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { FatalError } from './errors.ts';
import type { StreamMapping } from './mapping.ts';
import type { EntityName } from './records.ts';
import type { SourceStream } from './stream.ts';

/** A `connectors/<name>/mappings/*.json` document. What is inside, the compiler of mappings checks. */
const document = z.strictObject({
  $schema: z.string().optional(),
  stream: z.string().min(1),
  comment: z.string().optional(),
  schemaVersion: z.int().min(1).default(1),
  mapping: z.looseObject({ entity: z.string(), fields: z.record(z.string(), z.string()) }),
});

/**
 * A stream with the mapping that its connector ships as `mappings/<name>.json`.
 * @throws FatalError naming what is wrong with the document
 */
export async function shippedStream(connector: string, name: string): Promise<SourceStream> {
  const origin = `mappings/${name}.json`;
  const text = await readFile(path.join(packageFolder(), 'connectors', connector, origin), 'utf8');
  const parsed = document.safeParse(JSON.parse(text));
  if (!parsed.success) throw new FatalError(`${connector}/${origin}: ${z.prettifyError(parsed.error)}`);
  const { stream, schemaVersion, mapping } = parsed.data;
  return {
    name: stream,
    entity: mapping.entity as EntityName,
    mapping: mapping as unknown as StreamMapping,
    mappingOrigin: `${connector}/${origin}`,
    schemaVersion,
  };
}

/** Also when running compiled: the compiler does not copy JSON into its output. */
function packageFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new FatalError('the package of the connectors has no package.json above it');
    folder = parent;
  }
  return folder;
}
