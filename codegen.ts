import type { CodegenConfig } from '@graphql-codegen/cli';

const operations = 'schema/operations';
const scalars = { DateTime: 'string', LocalDate: 'string', SafeInt: 'number' };

const clientPreset = (target: string, documents: string, more: object = {}) => ({
  [target]: {
    documents: [`${operations}/${documents}`],
    preset: 'client' as const,
    presetConfig: { fragmentMasking: false },
    config: { useTypeImports: true, enumsAsTypes: true, scalars, ...more },
  },
});

/** Typed documents of schema/operations for the console, the reference client and the tests (`npm run build:schema`). */
const config: CodegenConfig = {
  schema: 'schema/api.graphql',
  emitLegacyCommonJSImports: false,
  importExtension: '.ts',
  generates: {
    ...clientPreset('console/src/gql/', '**/*.graphql'),
    ...clientPreset('test/generated/', '**/*.graphql'),
    // As text, so that it needs nothing of graphql-js in a browser.
    ...clientPreset('client/live-atp/gql/', 'subscribers/WatchAtp.graphql', { documentMode: 'string' }),
  },
};
export default config;
