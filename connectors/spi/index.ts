/** The connector contract: what an outside system must offer to be read by the hub. Imports nothing of ours. */
export * from './beijing-time.ts';
export * from './check.ts';
export * from './config.ts';
export * from './connector.ts';
export * from './errors.ts';
export * from './exact-json.ts';
export * from './http.ts';
export * from './last-page-first.ts';
export * from './mapping.ts';
export * from './paced-calls.ts';
export * from './points.ts';
export * from './records.ts';
export * from './signature.ts';
export * from './sinks.ts';
export * from './stream.ts';
export * from './webhook.ts';
export * from './windows.ts';
