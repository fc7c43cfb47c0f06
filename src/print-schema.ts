import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { resolverClasses } from './model.ts';
import { packageRoot } from './platform/package-root.ts';
import { buildHubSchema } from './graph/schema.ts';

/** Prints the served schema to schema/api.graphql (`npm run build:schema`). */
const schema = lexicographicSortSchema(await buildHubSchema(resolverClasses));
writeFileSync(path.join(packageRoot(), 'schema', 'api.graphql'), `${printSchema(schema)}\n`);
