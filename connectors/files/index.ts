/** The files connector: a folder of exports as streams of records. */
export { filesConnector } from './connector.ts';
export type { FilesConfig } from './config.ts';
export type { FilesStream } from './streams.ts';
export { watch, type WatchOptions } from './watch.ts';
