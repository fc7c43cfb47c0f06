/** The connector contract: what an outside system must offer to be read by the hub. Imports nothing of ours. */
export * from './connector.ts';
export * from './errors.ts';
export * from './mapping.ts';
export * from './records.ts';
