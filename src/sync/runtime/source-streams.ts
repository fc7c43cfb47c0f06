import { createHash } from 'node:crypto';
import { FatalError, type Source, type SourceStream } from '../../../connectors/spi/index.ts';
import { withMappingChange } from '../ingest/mapping-overrides.ts';
import { compileMapping, type CompiledMapping } from '../mapping/index.ts';

/** A stream ready to be read. */
export interface ReadyStream {
  stream: SourceStream;
  mapping: CompiledMapping;
  /** Identifies this mapping among others. */
  mappingDigest: string;
}

/** A stream whose mapping cannot be used; the others go on. */
export interface BrokenStream {
  stream: SourceStream;
  problem: Error;
}

/** The streams of a source, with what the merchant has changed of their mappings in `mappingsFolder`. */
export async function streamsOf(
  source: Source,
  mappingsFolder: string | undefined,
  signal: AbortSignal,
): Promise<(ReadyStream | BrokenStream)[]> {
  const streams = await source.discover(signal);
  return Promise.all(streams.map((stream) => ready(stream, mappingsFolder)));
}

async function ready(
  given: SourceStream,
  mappingsFolder: string | undefined,
): Promise<ReadyStream | BrokenStream> {
  try {
    const stream = mappingsFolder === undefined ? given : await withMappingChange(given, mappingsFolder);
    const mapping = compileMapping(stream.mapping, stream.mappingOrigin);
    return { stream, mapping, mappingDigest: digestOf(stream.mapping) };
  } catch (error) {
    if (error instanceof FatalError) return { stream: given, problem: error };
    return { stream: given, problem: new FatalError((error as Error).message, { cause: error }) };
  }
}

function digestOf(mapping: unknown): string {
  return createHash('sha256').update(JSON.stringify(mapping)).digest('base64url');
}
