import type { CodegenConfig } from '@graphql-codegen/cli';

const clientPreset = (target: string) => ({
  [target]: {
    documents: ['schema/operations/**/*.graphql'],
    preset: 'client' as const,
    presetConfig: { fragmentMasking: false },
    config: {
      useTypeImports: true,
      enumsAsTypes: true,
      scalars: { DateTime: 'string', LocalDate: 'string', SafeInt: 'number' },
    },
  },
});

/** Typed documents of schema/operations for the console and the tests (`npm run build:schema`). */
const config: CodegenConfig = {
  schema: 'schema/api.graphql',
  emitLegacyCommonJSImports: false,
  importExtension: '.ts',
  generates: { ...clientPreset('console/src/gql/'), ...clientPreset('test/generated/') },
};
export default config;
