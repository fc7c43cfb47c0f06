import { existsSync } from 'node:fs';
import path from 'node:path';
import { watch as watchFiles } from 'chokidar';
import { RetriableError } from '../spi/errors.ts';

export interface WatchOptions {
  /** How long a file must keep its size before it counts as written, in milliseconds. Default 300. */
  settleMs?: number;
  /** Called when watching fails later on; polling still finds the files. Default: nothing is done. */
  onError?: (error: unknown) => void;
}

/**
 * Calls `onChange` with the name of a file (relative to the folder, e.g. "orders.csv" or "mappings/orders.json")
 * once a file was added, removed or changed and is written to its end. Resolves when watching has begun, or the
 * signal is aborted; ends with the signal.
 * @throws RetriableError when the folder does not exist.
 */
export async function watch(
  folder: string,
  onChange: (file: string) => void,
  signal: AbortSignal,
  { settleMs = 300, onError = () => {} }: WatchOptions = {},
): Promise<void> {
  if (!existsSync(folder)) throw new RetriableError(`the folder ${folder} does not exist`);
  if (signal.aborted) return;
  const watcher = watchFiles(folder, {
    ignoreInitial: true,
    depth: 1,
    ignored: (file) => /^(\.|~\$)/.test(path.relative(folder, file).split(path.sep).at(-1) ?? ''),
    awaitWriteFinish: { stabilityThreshold: settleMs, pollInterval: Math.max(10, Math.floor(settleMs / 4)) },
  });
  const tell = (file: string) => onChange(path.relative(folder, file).split(path.sep).join('/'));
  watcher.on('add', tell).on('change', tell).on('unlink', tell).on('error', onError);
  await new Promise<void>((begun) => {
    watcher.once('ready', begun);
    signal.addEventListener('abort', () => void watcher.close().catch(onError).then(begun), { once: true });
  });
}
