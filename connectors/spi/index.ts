/** The connector contract: what an outside system must offer to be read by the hub. Imports nothing of ours. */
export * from './connector.ts';
export * from './errors.ts';
export * from './http.ts';
export * from './mapping.ts';
export * from './paced-calls.ts';
export * from './recent-parents.ts';
export * from './records.ts';
export * from './reread.ts';
export * from './shipped-mappings.ts';
export * from './signed-hints.ts';
export * from './sinks.ts';
export * from './stream.ts';
export * from './sweep.ts';
export * from './webhook.ts';
