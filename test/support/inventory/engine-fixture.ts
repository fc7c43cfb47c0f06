import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { connectOrm, type Orm } from '../../../src/platform/database/database.ts';
import { databaseModel } from '../../../src/model.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { seedCatalogue, startEngine, type TestEngine } from './engine.ts';

export const NOON = new Date('2026-11-22T04:00:00.000Z');
export const later = (seconds: number) => new Date(NOON.getTime() + seconds * 1000);

export interface EngineFixture {
  database: TestDatabase;
  engine: TestEngine;
  orm: Orm;
  /** A SKU that no test before has touched. */
  sku: string;
}

/** A database, an engine on it, and for every test a fresh SKU and a clock that stands at noon. */
export function engineFixture(skus = 60): EngineFixture {
  const fixture = {} as EngineFixture;
  let next = 0;
  beforeAll(async () => {
    fixture.database = await createTestDatabase();
    await seedCatalogue(
      fixture.database,
      Array.from({ length: skus }, (_, index) => `S${index}`),
    );
    fixture.orm = await connectOrm(fixture.database.url, databaseModel);
    fixture.engine = startEngine(fixture.database);
  });
  beforeEach(async () => {
    fixture.sku = `S${next++}`;
    await fixture.database.setClock(NOON);
  });
  afterAll(async () => {
    await fixture.engine?.close();
    await fixture.orm?.close();
    await fixture.database?.drop();
  });
  return fixture;
}

export function idOf(outcome: object): string {
  return (outcome as { id: string }).id;
}
