import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { GraphQLSchema } from 'graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { subgraphNames } from '../../../src/platform/process/config.ts';

const folder = path.resolve(import.meta.dirname, '../../../schema');

export const fileOf = (name: string) => readFileSync(path.join(folder, `${name}.graphql`), 'utf8');
export const fileNames = () =>
  globSync('*.graphql', { cwd: folder }).map((file) => path.basename(file, '.graphql'));

/** The subgraphs as they are committed. */
export const subgraphFiles = () => subgraphNames.map((name) => ({ name: name as string, sdl: fileOf(name) }));

/** With descriptions. */
export const sorted = (schema: GraphQLSchema) => printSchema(lexicographicSortSchema(schema));
