/** Mappings: merchants' rows → canonical records, by JSON documents with JSONata expressions. */
export { compileMapping, type CompiledMapping } from './compile-mapping.ts';
export { mapRecord, type MappedRecord, type MappingFailure, type MappingResult } from './map-record.ts';
export { MappingError } from './mapping-error.ts';
export { mappingTools } from './mapping-tools.ts';
