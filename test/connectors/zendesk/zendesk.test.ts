import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PushRefused, RetriableError, type Source } from '../../../connectors/spi/index.ts';
import { zendeskConfig } from '../../../connectors/zendesk/config.ts';
import { zendeskConnector } from '../../../connectors/zendesk/connector.ts';
import { never, readStream, streamNamed } from '../../support/connectors/read-stream.ts';
import { startZendesk, type ZendeskBed } from './contract-server.ts';

let bed: ZendeskBed;
let source: Source;
beforeEach(async () => {
  bed = await startZendesk();
  source = zendeskConnector.open(bed.config);
});
afterEach(() => bed.stop());

describe('Zendesk', () => {
  it('gives tickets with who has asked', async () => {
    const [id] = (await bed.put(1)).ids;
    const { records, problems } = await readStream(source, 'tickets');
    expect(problems).toEqual([]);
    expect(records).toEqual([
      expect.objectContaining({
        externalId: id,
        status: 'OPEN',
        requester: { name: 'Ada Byron', email: `u${Number(id) * 10}@example.com` },
      }),
    ]);
  });

  it('has of the last minute what was pushed, and the rest once the export tells it', async () => {
    await bed.put(1);
    const { cursor } = await readStream(source, 'tickets');
    const pushed = String(bed.putNow().id);
    const lost = String(bed.putNow().id);
    expect((await readStream(source, 'tickets', cursor)).ids).toEqual([]);
    const { hints } = await source.webhook!.receive(bed.push!([pushed]));
    const stream = await streamNamed(source, 'tickets');
    const [now] = await source.webhook!.readBack(stream, hints[0]!.recordIds, never);
    expect(now).toMatchObject({ id: pushed, data: { requester: { name: 'Ada Byron' } } });
    bed.clock.aheadMs += 61_000;
    expect((await readStream(source, 'tickets', cursor)).ids).toEqual([pushed, lost]);
  });

  it('comes again when it is told to, not sooner', async () => {
    expect(zendeskConfig.parse({ ...bed.config, callsPerMinute: undefined }).callsPerMinute).toBe(10);
    await bed.put(120);
    Object.assign(bed.limits, { callsPerMinute: 10, pageSize: 10 });
    const error = await readStream(source, 'tickets').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RetriableError);
    expect(error).toMatchObject({ retryAfterMs: 120_000 });
    expect(bed.http.calls).toHaveLength(11);
  });

  it('goes on where the export broke off, whatever changes between', async () => {
    const { ids } = await bed.put(50);
    bed.limits.pageSize = 20;
    const pages = source.read(await streamNamed(source, 'tickets'), null, never)[Symbol.asyncIterator]();
    const first = await pages.next();
    await bed.put([ids[30]!]);
    const rest = await readStream(source, 'tickets', first.value!.cursor);
    const read = [...first.value!.records.map(({ id }: { id: string }) => id), ...rest.ids];
    expect(read.sort()).toEqual([...ids].sort());
  });

  it('makes a dead letter of a status that nobody foresaw, and the stream goes on', async () => {
    bed.putNow({ status: 'haunted' });
    await bed.put(1);
    const { records, problems } = await readStream(source, 'tickets');
    expect(problems).toEqual([expect.stringContaining('haunted')]);
    expect(records).toHaveLength(1);
  });

  it('verifies timestamp and bytes by a signature made elsewhere', async () => {
    // printf '2026-11-27T10:00:00Z{"ticket_id":"7"}' | openssl dgst -sha256 -hmac zendesk-secret-0123456789 -binary | base64
    const headers = {
      'x-zendesk-webhook-signature': 'o1tQDIdKB8sQov9QRpGSvZruxoW8k+8YCHWhgweaYFQ=',
      'x-zendesk-webhook-signature-timestamp': '2026-11-27T10:00:00Z',
    };
    const push = { ...bed.pushOf('{"ticket_id":"7"}'), headers };
    expect(await source.webhook!.receive(push)).toEqual({
      hints: [{ pushId: null, stream: 'tickets', recordIds: ['7'] }],
    });
    const later = { ...headers, 'x-zendesk-webhook-signature-timestamp': '2026-11-27T10:00:01Z' };
    await expect(source.webhook!.receive({ ...push, headers: later })).rejects.toThrow(PushRefused);
    await expect(source.webhook!.receive(bed.pushOf('{}'))).rejects.toThrow('ticket_id');
  });
});
