import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { SourceStream } from '../spi/stream.ts';
import { FatalError, RetriableError } from '../spi/errors.ts';
import type { StreamMapping } from '../spi/mapping.ts';
import type { EntityName } from '../spi/records.ts';
import { describeIssues, type FilesConfig } from './config.ts';

/** A stream of the files connector: which files of which folder feed it. */
export interface FilesStream extends SourceStream {
  readonly config: FilesConfig;
  /** Patterns of file names, e.g. `orders-douyin*.csv`. */
  readonly files: readonly string[];
  /** Why its mapping file cannot be used: what `read` says then. */
  readonly unusable?: string;
}

/** Referenced records come before those that refer to them: an order needs its SKUs, a return its order. */
const ENTITY_ORDER: readonly EntityName[] = [
  'sku',
  'node',
  'carrierService',
  'stockLevel',
  'inbound',
  'customer',
  'order',
  'ticket',
  'return',
  'refund',
  'tracking',
];

/** A `mappings/*.json` document. The expressions inside are checked by whoever runs the mapping. */
const mappingFileSchema = z.strictObject({
  $schema: z.string().optional(),
  /** Name of the stream. A merchant's file with the name of a shipped one replaces it. */
  stream: z.string().min(1),
  /** A remark for people about the file. */
  comment: z.string().optional(),
  files: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  /** False: the stream is switched off. */
  enabled: z.boolean().default(true),
  mapping: z.looseObject({
    entity: z.enum(ENTITY_ORDER as [EntityName, ...EntityName[]]),
    id: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
    groupRows: z.boolean().optional(),
    fields: z.record(z.string(), z.string()),
  }),
});
type MappingFile = z.infer<typeof mappingFileSchema> & { origin: string; unusable?: string };

/** Stands where a file has no mapping that could be used; it is never run. */
const NO_MAPPING = { entity: 'sku', fields: { code: '""', title: '""' } } as const;

/**
 * The streams of a folder: the shipped mappings, then the merchant's own, which add streams or replace them. A file
 * that cannot be used is a stream that cannot be read, so that the others go on.
 * @throws RetriableError when a mapping file cannot be reached
 */
export async function loadStreams(config: FilesConfig): Promise<FilesStream[]> {
  const shipped = await readMappings(shippedMappingsFolder());
  const own = await readMappings(path.join(config.folder, 'mappings'));
  const byName = new Map([...shipped, ...own].map((file) => [file.stream, file]));
  return [...byName.values()]
    .filter((file) => file.enabled)
    .map((file) => toStream(file, config))
    .sort(byEntityThenName);
}

function toStream(file: MappingFile, config: FilesConfig): FilesStream {
  return {
    name: file.stream,
    entity: file.mapping.entity,
    // The envelope is checked here, the rest by the compiler of mappings, which knows the entities' fields.
    mapping: file.mapping as unknown as StreamMapping,
    mappingOrigin: file.origin,
    files: [file.files].flat(),
    config,
    ...(file.unusable === undefined ? {} : { unusable: file.unusable }),
  };
}

function byEntityThenName(a: FilesStream, b: FilesStream): number {
  const rank = ENTITY_ORDER.indexOf(a.entity) - ENTITY_ORDER.indexOf(b.entity);
  return rank || (a.name < b.name ? -1 : 1);
}

async function readMappings(folder: string): Promise<MappingFile[]> {
  const names = existsSync(folder)
    ? (await readdir(folder)).filter((name) => /^[^.~].*\.json$/i.test(name))
    : [];
  return Promise.all(names.sort().map((name) => readMapping(folder, name)));
}

async function readMapping(folder: string, name: string): Promise<MappingFile> {
  const origin = `mappings/${name}`;
  const text = await readText(path.join(folder, name), origin);
  try {
    const parsed = mappingFileSchema.safeParse(JSON.parse(text));
    return parsed.success ? { ...parsed.data, origin } : unusable(text, origin, describeIssues(parsed.error));
  } catch (error) {
    return unusable(text, origin, (error as Error).message);
  }
}

/** A drive that went away: to go on without the file would read its stream by the shipped mapping. */
async function readText(file: string, origin: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new RetriableError(`${origin} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Under the name that it means to have, as far as it can be made out: one that replaces a shipped stream must not let
 * that one read its files in another way.
 */
function unusable(text: string, origin: string, problem: string): MappingFile {
  const stream = /"stream"\s*:\s*"([^"\\]+)"/.exec(text)?.[1] ?? origin;
  return { stream, origin, files: [], enabled: true, mapping: NO_MAPPING, unusable: `${origin}: ${problem}` };
}

/** Beside the sources, also when running compiled: the compiler does not copy JSON into its output. */
function shippedMappingsFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder)
      throw new FatalError('the package of the files connector has no package.json above it');
    folder = parent;
  }
  return path.join(folder, 'connectors', 'files', 'mappings');
}
