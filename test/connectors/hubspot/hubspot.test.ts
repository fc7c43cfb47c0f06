import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hubspotConnector } from '../../../connectors/hubspot/connector.ts';
import { behindPage, FatalError } from '../../../connectors/spi/index.ts';
import { never, readStream, streamNamed } from '../../support/connectors/read-stream.ts';
import { nextId, startHubspot, type HubspotBed } from './contract-server.ts';

let bed: HubspotBed;
beforeEach(async () => {
  bed = await startHubspot();
});
afterEach(() => bed.stop());

describe('HubSpot', () => {
  it('gives contacts with what they can be known by', async () => {
    const [id] = (await bed.put(1)).ids;
    const { records, problems } = await readStream(hubspotConnector.open(bed.config), 'contacts');
    expect(problems).toEqual([]);
    expect(records).toEqual([
      expect.objectContaining({
        externalId: id,
        name: 'Ada',
        phones: ['+49 151 12345678'],
        emails: [`${id}@example.com`],
      }),
    ]);
  });

  it('moves the window before the 10,000th result', async () => {
    const source = hubspotConnector.open({ ...bed.config, pageSize: 200 });
    const start = Date.now() - 86_400_000;
    const ids = Array.from({ length: 10_300 }, (_, index) => {
      const id = nextId();
      bed.contacts.set(id, start + index);
      return id;
    });
    // What is near the end of a list: to read all of it at 4 calls a second would take a quarter of a minute.
    const cursor = { since: new Date(start + 9_400).toISOString(), after: null, taken: 9_400 };
    const read = new Set<string>();
    for await (const { records } of source.read(await streamNamed(source, 'contacts'), cursor, never))
      for (const { id } of records) read.add(id);
    expect([...read].sort()).toEqual(ids.slice(9_400).sort());
    const searches = bed.http.calls.map(({ body }) => JSON.parse(body) as { after?: string });
    expect(searches.filter(({ after }) => after === undefined)).toHaveLength(2);
  });

  it('finds in the next read what the index told late', async () => {
    const source = hubspotConnector.open(bed.config);
    await bed.put(3);
    const { cursor } = await readStream(source, 'contacts');
    const late = nextId();
    bed.contacts.set(late, Date.now() - 100_000);
    expect((await readStream(source, 'contacts', cursor)).ids).toContain(late);
  });
});

describe('a list that ends after so many objects', () => {
  const rules = { most: 100, pageSize: 10, overlapMs: 5_000, stepMs: 1_000 };
  const lastChange = new Date('2026-11-27T10:00:00.700Z');

  it('is begun anew only where the next page would not fit', () => {
    const position = { since: '2026-11-01T00:00:00.000Z', after: 'a', taken: 70 };
    const page = { lastChange, count: 10, after: 'b' };
    expect(behindPage(position, page, rules)).toEqual({ ...position, after: 'b', taken: 80 });
    const moved = { since: '2026-11-27T10:00:00.000Z', after: null, taken: 0 };
    expect(behindPage({ ...position, taken: 81 }, page, rules)).toEqual(moved);
    expect(() => behindPage({ ...moved, taken: 90 }, page, rules)).toThrow(FatalError);
  });

  it('is followed by a read that begins the overlap back', () => {
    const position = { since: '2026-11-01T00:00:00.000Z', after: 'a', taken: 70 };
    const behind = behindPage(position, { lastChange, count: 3, after: null }, rules);
    expect(behind).toEqual({ since: '2026-11-27T09:59:55.000Z', after: null, taken: 0 });
  });
});
