import { expect, test } from '@jest/globals';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema } from 'graphql';
import { buildHubSchema } from '../../src/graph/execution/build-schema.ts';
import { printSchemaWithCosts } from '../../src/graph/policy/cost/print-schema.ts';
import { resolverClasses } from '../../src/model.ts';

const folder = path.resolve(import.meta.dirname, '../../schema');
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
const breakingChanges = async (before: string, after: string) =>
  (await diff(buildSchema(before), buildSchema(after)))
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ message }) => message);

test('schema/api.graphql is the schema that is served', async () => {
  expect(read('api.graphql')).toBe(printSchemaWithCosts(await buildHubSchema(resolverClasses)));
});

test('nothing that was released is broken', async () => {
  expect(await breakingChanges(read('released/api.graphql'), read('api.graphql'))).toEqual([]);
});

test('a breaking change would be seen', async () => {
  const renamed = read('api.graphql').replace('availableToPromise(', 'atpOf(');
  expect(await breakingChanges(read('released/api.graphql'), renamed)).not.toEqual([]);
});
