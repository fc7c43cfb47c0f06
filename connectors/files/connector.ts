import type { CheckResult, Connector } from '../spi/connector.ts';
import { CONFIG_JSON_SCHEMA, parseConfig } from './config.ts';
import { matchesGlob } from './glob.ts';
import { fileNames, readStream } from './read-stream.ts';
import { type FilesStream, loadStreams } from './streams.ts';
import { watch } from './watch.ts';

/** The merchant's folder of exports: CSV, Excel and JSON lines files, mapped by `mappings/*.json`. */
export const filesConnector: Connector<FilesStream> = {
  spec: { id: 'files', kind: 'FILES', title: 'Files in a folder', configSchema: CONFIG_JSON_SCHEMA },
  check,
  discover: async (config) => loadStreams(parseConfig(config)),
  read: readStream,
  watch: async (config, onChange, signal) => {
    const { folder, settleMs } = parseConfig(config);
    await watch(folder, onChange, signal, { settleMs });
  },
};

async function check(config: unknown): Promise<CheckResult> {
  try {
    const parsed = parseConfig(config);
    const [names, streams] = await Promise.all([fileNames(parsed.folder), loadStreams(parsed)]);
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
