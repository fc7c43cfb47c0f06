import type { CheckResult, Connector, Source } from '../spi/connector.ts';
import { CONFIG_JSON_SCHEMA, parseConfig, type FilesConfig } from './config.ts';
import { matchesGlob } from './glob.ts';
import { FileReaders } from './reader/file-readers.ts';
import { fileNames, readStream } from './read-stream.ts';
import { type FilesStream, loadStreams } from './streams.ts';
import { watch } from './watch.ts';

/** The merchant's folder of exports: CSV, Excel and JSON lines files, mapped by `mappings/*.json`. */
export const filesConnector: Connector<FilesStream> = {
  spec: { id: 'files', kind: 'FILES', title: 'Files in a folder', configSchema: CONFIG_JSON_SCHEMA },
  open(config): Source<FilesStream> {
    const parsed = parseConfig(config);
    const readers = new FileReaders();
    return {
      check: () => check(parsed),
      discover: () => loadStreams(parsed),
      read: (stream, cursor, signal) => readStream(stream, cursor, signal, readers),
      watch: (onChange, signal) => watch(parsed.folder, onChange, signal, { settleMs: parsed.settleMs }),
      close: async () => readers.close(),
    };
  },
};

async function check(config: FilesConfig): Promise<CheckResult> {
  try {
    const [names, streams] = await Promise.all([fileNames(config.folder), loadStreams(config)]);
    const unusable = streams.flatMap((stream) => stream.unusable ?? []);
    if (unusable.length > 0) return { ok: false, message: unusable.join('; ') };
    return { ok: true, message: summary(names, streams) };
  } catch (error) {
    return { ok: false, message: (error as Error).message };
  }
}

/** A file nobody reads is a question a merchant would ask a week later: name it now. */
function summary(names: string[], streams: FilesStream[]): string {
  const patterns = streams.flatMap((stream) => stream.files);
  const unread = names.filter((name) => !patterns.some((pattern) => matchesGlob(name, pattern)));
  const read = `${names.length - unread.length} of ${names.length} files feed a stream`;
  return unread.length === 0 ? read : `${read}; no mapping for ${unread.slice(0, 20).join(', ')}`;
}
