import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { MappingTools } from '../../../connectors/spi/conformance/index.ts';
import { compileMapping, type CompiledMapping } from './compile-mapping.ts';
import { mapRecord } from './map-record.ts';

/** The mapping tools for the conformance suite of connectors. */
export const mappingTools: MappingTools = {
  compile: compileMapping,
  async problemOf(compiled, record) {
    const result = await mapRecord(compiled as CompiledMapping, record);
    return result.ok ? undefined : result.reason;
  },
  problemOfSchema(schema) {
    try {
      const ajv = new Ajv2020({ strict: false });
      addFormats.default(ajv);
      ajv.compile(schema as object);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  },
};
