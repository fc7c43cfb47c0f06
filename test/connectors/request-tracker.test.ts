import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { requestTrackerConnector } from '../../connectors/request-tracker/connector.ts';
import type { Source } from '../../connectors/spi/index.ts';
import { startPushReceiver } from '../support/connectors/push-receiver.ts';
import { endOf, latest, never, pagesOf } from '../support/connectors/reading-source.ts';
import { trackerCases } from './request-tracker/cases.ts';
import {
  SECRET,
  TOKEN,
  startContractServer,
  type ContractServer,
} from './request-tracker/contract-server.ts';

/** The same cases run on the real Request Tracker in test/systems/request-tracker. */
describe('Request Tracker, as its contract server', () => {
  trackerCases(async () => {
    const [server, receiver] = [await startContractServer(), await startPushReceiver()];
    server.hook = receiver.url;
    return {
      url: server.url,
      token: TOKEN,
      webhookSecret: SECRET,
      timeoutSeconds: 1,
      receiver,
      async stop() {
        server.stop();
        receiver.stop();
      },
    };
  });
});

/** What a running system does not do when it is asked to. */
describe('Request Tracker', () => {
  let server: ContractServer;
  let source: Source;
  beforeEach(async () => {
    server = await startContractServer();
    source = requestTrackerConnector.open({ url: server.url, token: TOKEN });
  });
  afterEach(() => server.stop());

  test('a change that is committed after later ones were read is read', async () => {
    const late = server.data.create({ Subject: 'late', Requestor: 'jane@example.test' });
    const commit = server.data.happensLate(late, 'resolved');
    for (let others = 0; others < 30; others++)
      server.data.create({ Subject: 'sooner', Requestor: 'jane@example.test' });
    const cursor = await endOf(source, 'tickets');
    commit();
    const pages = await pagesOf(source, 'tickets', cursor);
    expect(latest(pages).get(late)!.data.Status).toBe('resolved');
    expect(await pagesOf(source, 'tickets', pages.at(-1)!.cursor)).toEqual([]);
  });

  test('a ticket that was shredded while it was to be read is left out, and reading goes on', async () => {
    const [gone, kept] = [1, 2].map(() =>
      server.data.create({ Subject: 'x', Requestor: 'jane@example.test' }),
    );
    const cursor = await endOf(source, 'tickets');
    for (const id of [gone!, kept!]) server.data.change(id, { Status: 'open' });
    const shredding = source.read((await source.discover(never))[0]!, cursor, never);
    server.data.shred(gone!);
    expect([...latest(await Array.fromAsync(shredding)).keys()]).toEqual([kept]);
  });
});
