import { expect, test } from '@jest/globals';
import { buildSchema, parse } from 'graphql';
import { ValidatedDocumentCache } from '../../../src/graph/execution/validated-document-cache.ts';

const schema = buildSchema('type Query { word: String } type Mutation { word: String }');
const padded = (name: string, length: number) => `query ${name} { word }`.padEnd(length);
const admit = (documents: ValidatedDocumentCache, source: string) => documents.add(source, parse(source));

test('knows what it was told, text by text', () => {
  const documents = new ValidatedDocumentCache(schema);
  const admitted = admit(documents, '{ word }');
  expect(documents.get('{ word }')).toBe(admitted);
  expect(documents.get('{ word  }')).toBeUndefined();
});

test('finds operations as graphql-js does', () => {
  const documents = new ValidatedDocumentCache(schema);
  const several = admit(documents, 'query A { word } mutation B { word } fragment x on Query { word }');
  expect(several.operation('A')?.type).toBe('query');
  expect(several.operation('B')?.type).toBe('mutation');
  expect([several.operation('x'), several.operation(''), several.operation(null)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  const one = admit(documents, 'query A { word }');
  expect(one.operation(undefined)).toBe(one.operation('A'));
  expect(admit(documents, '{ word }').operation('')).toBeUndefined();
});

test('compiles an operation once, when it is asked for', () => {
  const operation = admit(new ValidatedDocumentCache(schema), '{ word }').operation(null)!;
  expect(operation.compiled()).toBe(operation.compiled());
});

test('is bounded: what was not used for the longest time goes, and what is long never comes', () => {
  const documents = new ValidatedDocumentCache(schema);
  const sources = Array.from({ length: 13 }, (_, at) => padded(`Q${at}`, 20_000));
  for (const source of sources.slice(0, 12)) admit(documents, source);
  expect(documents.get(sources[0]!)).toBeDefined(); // used, so the next one goes
  admit(documents, sources[12]!);
  expect(sources.filter((source) => !documents.get(source))).toEqual([sources[1]]);
  const long = padded('Long', 20_001);
  expect(admit(documents, long).operation('Long')).toBeDefined();
  expect(documents.get(long)).toBeUndefined();
  expect(documents.get(sources[0]!)).toBeDefined();
});
