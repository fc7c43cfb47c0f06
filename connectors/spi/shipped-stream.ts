import type { StreamMapping } from './mapping.ts';
import type { SourceStream } from './stream.ts';

/**
 * The stream whose mapping comes with its connector.
 * @param mapping as imported from the connector's `mappings/<name>.json`; whoever runs it checks it
 */
export function shippedStream(connector: string, name: string, mapping: unknown): SourceStream {
  const written = mapping as StreamMapping;
  return {
    name,
    entity: written.entity,
    mapping: written,
    mappingOrigin: `${connector}/mappings/${name}.json`,
  };
}
