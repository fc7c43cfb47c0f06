import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  JSON_SEPARATOR,
  arrayLiteral,
  joinedJson,
} from '../../../../src/inventory/engine/connection/pg-array.ts';
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

/** All that PostgreSQL can keep: whole characters, save NUL. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\t', '{', '}', ',', ' ', 'a', '秘', '😀') }),
    fc.json(),
    fc.constantFrom('', 'NULL', 'null', '\\"'),
  )
  .map((given) => given.replaceAll('\u0000', ''))
  .filter((given) => given.isWellFormed());

test('PostgreSQL reads the texts of an array as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text), { maxLength: 8 }), async (values) => {
      const [row] = await database.query('select $1::text[] as read', [arrayLiteral(values)]);
      expect(row!.read).toEqual(values);
    }),
    { numRuns: 500 },
  );
});

test('numbers, truths and instants are read as what they are', async () => {
  const at = new Date('2026-11-27T08:00:00.123Z');
  const [row] = await database.query(
    'select $1::int[] as numbers, $2::boolean[] as truths, $3::timestamptz[] as instants',
    [arrayLiteral([1, -2, null]), arrayLiteral([true, false]), arrayLiteral([at, undefined])],
  );
  expect(row).toEqual({ numbers: [1, -2, null], truths: [true, false], instants: [at, null] });
});

test('texts of JSON that were joined are read as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.dictionary(text, text), { minLength: 1, maxLength: 5 }), async (values) => {
      const [row] = await database.query(`select string_to_array($1::text, ${JSON_SEPARATOR}) as read`, [
        joinedJson(values),
      ]);
      expect((row!.read as string[]).map((each) => JSON.parse(each))).toEqual(values);
    }),
    { numRuns: 300 },
  );
});
