/** The suite that every connector must pass, ours and those of others (docs/connector-spi.md). */
export { checks } from './checks.ts';
export type { AskedBed, Check, ConformanceKit, Fault, MappingTools, SourceBed, TestBed } from './kit.ts';
